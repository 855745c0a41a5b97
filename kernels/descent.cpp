#include "kernels/descent.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <memory>

#include "kernels/core/error.hpp"
#include "kernels/fold_slots.hpp"
#include "kernels/logistic.hpp"
#include "kernels/model_descent.hpp"
#include "kernels/row_sample.hpp"
#include "kernels/training_weights.hpp"

namespace gradstep {
namespace {

using Eigen::MatrixXd;

// A sample serves when it has so many rows: below, a fit is over at once anyway, and its Hessian
// would be far from that of all.
constexpr double fewest_sample_rows = 2048;
constexpr double sample_rows_per_column = 32;
// Of the sample's fit: its optimum is further than this from that of all rows.
constexpr double sample_tolerance = 0.01;

std::vector<Fit> run(const LogisticProblem& problem, const SolverOptions& options,
                     const DescentRules& rules, SolverState& state, const AfterPass& after_pass);

// All models of a problem, going from one shared read of X to the next.
class Descent {
 public:
  Descent(const LogisticProblem& problem, const SolverOptions& options, const DescentRules& rules,
          SolverState& state)
      : problem_(problem),
        options_(options),
        sums_(logistic_sums(problem, options.threads, options.backend, options.device_memory)),
        size_(problem.rows->cols() + 1),
        rules_(rules),
        state_(state) {
    const bool starts = state.models.empty();
    if (starts) state.models.resize(problem.models.size());
    expects(state.models.size() == problem.models.size(), "solver state: one model per model");
    for (std::size_t k = 0; k < state.models.size(); ++k)
      models_.emplace_back(state.models[k], problem.models[k], problem.penalize_intercept, rules,
                           size_);
    if (starts) {
      start();
    } else {
      for (std::size_t k = 0; k < models_.size(); ++k) {
        expect_size(state.models[k]);
        models_[k].resume();
      }
    }
    // Several processes must add up their sums at every read, on the host.
    if (options.backend == Backend::cuda && !options.reduce)
      device_ = cuda::device_descent(*sums_, problem, rules);
  }

  void expect_size(const ModelState& model) const {
    for (const auto* values : {&model.v, &model.gradient, &model.direction})
      expects(std::ssize(*values) == size_, "solver state: one entry per column");
    expects(std::ssize(model.metric) == size_ * size_, "solver state: one metric per model");
  }

  void read_hessians() {
    const std::vector<std::size_t> all = models_where(&ModelDescent::wants_hessian);
    const auto at_once = static_cast<std::size_t>(
        std::max<std::int64_t>(1, hessian_doubles_per_thread / (size_ * size_)));
    for (std::size_t first = 0; first < all.size(); first += at_once)
      read_hessians(std::span(all).subspan(first, std::min(at_once, all.size() - first)));
  }

  // Takes all running models a step on, or on a device a few. False when none is running.
  bool advance() {
    const std::vector<std::size_t> running = models_where(&ModelDescent::running);
    if (running.empty()) return false;
    const std::vector<std::size_t> sampled = models_where(&ModelDescent::starts_at_sample);
    if (device_ != nullptr && sampled.empty())
      advance_on_device();
    else
      read_trials(running);
    give_up_bad_starts(sampled);
    return true;
  }

  [[nodiscard]] std::vector<Fit> fits() const {
    std::vector<Fit> fits;
    fits.reserve(models_.size());
    for (const ModelDescent& model : models_) fits.push_back(model.fit());
    return fits;
  }

 private:
  static constexpr std::int64_t hessian_doubles_per_thread = 4 << 20;  // 32 MiB

  void advance_on_device() {
    device_->advance(
        state_.models,
        [this](std::size_t k) {
          const MatrixXd w = models_[k].metric().inverse_factor();
          return std::vector<double>(w.data(), w.data() + w.size());
        },
        [this](std::size_t k) { return models_[k].metric().damped(); });
  }

  // One read of X: the trial points of the running models.
  void read_trials(const std::vector<std::size_t>& running) {
    std::vector<MatrixXd> trials;
    trials.reserve(running.size());
    for (const std::size_t k : running) trials.push_back(models_[k].trials());
    std::vector<LogisticPoint> points;
    for (std::size_t k = 0; k < running.size(); ++k)
      for (Eigen::Index c = 0; c < trials[k].cols(); ++c)
        points.push_back({static_cast<int>(running[k]), trials[k].col(c).data()});

    MatrixXd sums(size_ + 1, std::ssize(points));
    sums_->loss_and_gradient(points, span_of(sums));
    reduce(span_of(sums));
    Eigen::Index first = 0;
    for (std::size_t k = 0; k < running.size(); ++k) {
      models_[running[k]].take_sums(sums.middleCols(first, trials[k].cols()));
      first += trials[k].cols();
    }
  }

  void reduce(std::span<double> sums) const {
    if (options_.reduce) options_.reduce(sums);
  }

  static std::span<double> span_of(MatrixXd& matrix) {
    return {matrix.data(), static_cast<std::size_t>(matrix.size())};
  }

  [[nodiscard]] std::vector<std::size_t> models_where(bool (ModelDescent::*holds)() const) const {
    std::vector<std::size_t> found;
    for (std::size_t k = 0; k < models_.size(); ++k)
      if ((models_[k].*holds)()) found.push_back(k);
    return found;
  }

  void start() {
    RowSample sample(problem_);
    std::array<double, 2> counts{static_cast<double>(sample.rows()),
                                 static_cast<double>(sample.rows_of_all())};
    reduce(counts);
    const double fewest =
        std::max(fewest_sample_rows, sample_rows_per_column * static_cast<double>(size_));
    if (counts[0] >= fewest && options_.max_iterations > 0) start_at(sample, counts[0] / counts[1]);
    start_at_zero(models_where(&ModelDescent::not_started));
  }

  // Solves the problem on the sample, and starts there the models that this has helped. Those whose
  // rows weigh nothing in the sample it has nothing to tell.
  void start_at(RowSample& sample, double share_of_rows) {
    sample.gather(options_.threads);
    const std::vector<double> whole = training_weights(problem_, options_.reduce);
    std::vector<double> shares = training_weights(sample.problem(), options_.reduce);
    for (std::size_t k = 0; k < shares.size(); ++k)
      shares[k] = shares[k] > 0 ? shares[k] / whole[k] : 0;
    const LogisticProblem problem = sample.problem(shares);
    DescentRules rules = rules_;
    rules.tolerance = std::max(rules.tolerance, sample_tolerance);
    rules.only_hessian_confirms = true;  // for it is to be the metric
    SolverState state;
    const std::vector<Fit> fits = run(problem, options_, rules, state, {});
    for (std::size_t k = 0; k < fits.size(); ++k)
      if (fits[k].converged && shares[k] > 0)
        models_[k].start_at(fits[k], state.models[k], {share_of_rows, shares[k]});
  }

  // A sample that misleads may give a start that is worse than v = 0.
  void give_up_bad_starts(std::vector<std::size_t> models) {
    if (models.empty()) return;
    const std::vector<double> weights = training_weights(problem_, options_.reduce);
    std::erase_if(
        models, [&](std::size_t k) { return models_[k].objective() <= std::log(2) * weights[k]; });
    for (const std::size_t k : models) models_[k].give_up_start();
    start_at_zero(models);
  }

  // One read serves all models: its Gram matrix is made of those of the slots that it has a weight
  // for.
  void start_at_zero(const std::vector<std::size_t>& models) {
    if (models.empty()) return;
    std::vector<Model> starting;
    starting.reserve(models.size());
    for (const std::size_t k : models) starting.push_back(problem_.models[k]);
    const FoldSlots slots(starting);
    const MatrixXd grams = grams_of(slots);
    for (const std::size_t k : models) {
      MatrixXd gram = MatrixXd::Zero(size_, size_);
      for (std::size_t slot = 0; slot < slots.count(); ++slot)
        if (const double weight = slots.weight(problem_.models[k], slot); weight > 0)
          gram += weight * grams.middleCols(static_cast<Eigen::Index>(slot) * size_, size_);
      models_[k].start(gram);
    }
  }

  // Of the rows of each slot, side by side.
  [[nodiscard]] MatrixXd grams_of(const FoldSlots& slots) {
    MatrixXd grams(size_, size_ * static_cast<Eigen::Index>(slots.count()));
    const SlotFolds by_slot(slots, problem_);
    sums_->gram(by_slot.of_rows(), by_slot.folds(), span_of(grams));
    reduce(span_of(grams));
    return grams;
  }

  void read_hessians(std::span<const std::size_t> models) {
    std::vector<MatrixXd> at;
    std::vector<LogisticPoint> points;
    at.reserve(models.size());
    points.reserve(models.size());
    for (const std::size_t k : models) at.push_back(models_[k].v());
    for (std::size_t k = 0; k < models.size(); ++k)
      points.push_back({static_cast<int>(models[k]), at[k].data()});
    MatrixXd sums(size_ * size_, std::ssize(points));
    sums_->hessian(points, span_of(sums));
    reduce(span_of(sums));
    for (std::size_t k = 0; k < models.size(); ++k)
      models_[models[k]].take_hessian(
          sums.col(static_cast<Eigen::Index>(k)).reshaped(size_, size_));
  }

  const LogisticProblem& problem_;
  const SolverOptions& options_;
  std::unique_ptr<LogisticSums> sums_;  // refuses a problem that does not fit
  Eigen::Index size_;
  DescentRules rules_;
  SolverState& state_;
  std::vector<ModelDescent> models_;
  std::unique_ptr<cuda::DeviceDescent> device_;  // none: the loop is the host's
};

std::vector<Fit> run(const LogisticProblem& problem, const SolverOptions& options,
                     const DescentRules& rules, SolverState& state, const AfterPass& after_pass) {
  Descent descent(problem, options, rules, state);
  for (bool go_on = true; go_on;) {
    descent.read_hessians();
    go_on = descent.advance() && (!after_pass || after_pass(state));
  }
  return descent.fits();
}

}  // namespace

std::vector<Fit> descend(const LogisticProblem& problem, const SolverOptions& options,
                         MetricRefresh refresh, SolverState* state, const AfterPass& after_pass) {
  SolverState own;
  return run(problem, options, {options.tolerance, options.max_iterations, refresh},
             state != nullptr ? *state : own, after_pass);
}

}  // namespace gradstep
