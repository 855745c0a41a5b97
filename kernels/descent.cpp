#include "kernels/descent.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "kernels/core/error.hpp"
#include "kernels/logistic.hpp"
#include "kernels/model_descent.hpp"

namespace gradstep {
namespace {

using Eigen::MatrixXd;

// All models of a problem, going from one shared read of X to the next.
class Descent {
 public:
  Descent(const LogisticProblem& problem, const SolverOptions& options, MetricRefresh refresh,
          SolverState& state)
      : problem_(problem),
        options_(options),
        sums_(logistic_sums(problem, options.threads, options.backend)),
        size_(problem.rows->cols() + 1) {
    const bool starts = state.models.empty();
    if (starts) state.models.resize(problem.models.size());
    expects(state.models.size() == problem.models.size(), "solver state: one model per model");
    for (std::size_t k = 0; k < state.models.size(); ++k)
      models_.emplace_back(state.models[k], problem.models[k], problem.penalize_intercept, options,
                           refresh, size_);
    if (starts) {
      start();
      return;
    }
    for (std::size_t k = 0; k < models_.size(); ++k) {
      expect_size(state.models[k]);
      models_[k].resume();
    }
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

  // One read of X: the trial points of all running models. False when none is running.
  bool read_trials() {
    const std::vector<std::size_t> running = models_where(&ModelDescent::running);
    std::vector<MatrixXd> trials;
    trials.reserve(running.size());
    for (const std::size_t k : running) trials.push_back(models_[k].trials());
    std::vector<LogisticPoint> points;
    for (std::size_t k = 0; k < running.size(); ++k)
      for (Eigen::Index c = 0; c < trials[k].cols(); ++c)
        points.push_back({static_cast<int>(running[k]), trials[k].col(c).data()});
    if (points.empty()) return false;

    MatrixXd sums(size_ + 1, std::ssize(points));
    sums_->loss_and_gradient(points, span_of(sums));
    options_.reduce(span_of(sums));
    Eigen::Index first = 0;
    for (std::size_t k = 0; k < running.size(); ++k) {
      models_[running[k]].take_sums(sums.middleCols(first, trials[k].cols()));
      first += trials[k].cols();
    }
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

  static std::span<double> span_of(MatrixXd& matrix) {
    return {matrix.data(), static_cast<std::size_t>(matrix.size())};
  }

  [[nodiscard]] std::vector<std::size_t> models_where(bool (ModelDescent::*holds)() const) const {
    std::vector<std::size_t> found;
    for (std::size_t k = 0; k < models_.size(); ++k)
      if ((models_[k].*holds)()) found.push_back(k);
    return found;
  }

  // One Gram matrix serves all models: the whole minus the fold a model leaves out.
  void start() {
    std::vector<int> folds;
    for (const Model& model : problem_.models)
      if (model.held_out_fold >= 0) folds.push_back(model.held_out_fold);
    std::sort(folds.begin(), folds.end());
    folds.erase(std::unique(folds.begin(), folds.end()), folds.end());

    const Eigen::Index matrices = std::ssize(folds) + 1;
    MatrixXd grams(size_, size_ * matrices);
    sums_->gram(folds, span_of(grams));
    options_.reduce(span_of(grams));
    for (std::size_t k = 0; k < models_.size(); ++k) {
      MatrixXd gram = MatrixXd::Zero(size_, size_);
      for (Eigen::Index m = 0; m < matrices; ++m) {
        const bool held_out = m + 1 < matrices && folds[static_cast<std::size_t>(m)] ==
                                                      problem_.models[k].held_out_fold;
        if (!held_out) gram += grams.middleCols(m * size_, size_);
      }
      models_[k].start(gram);
    }
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
    options_.reduce(span_of(sums));
    for (std::size_t k = 0; k < models.size(); ++k)
      models_[models[k]].take_hessian(
          sums.col(static_cast<Eigen::Index>(k)).reshaped(size_, size_));
  }

  const LogisticProblem& problem_;
  const SolverOptions& options_;
  std::unique_ptr<LogisticSums> sums_;  // refuses a problem that does not fit
  Eigen::Index size_;
  std::vector<ModelDescent> models_;
};

}  // namespace

std::vector<Fit> descend(const LogisticProblem& problem, const SolverOptions& options,
                         MetricRefresh refresh, SolverState* state, const AfterPass& after_pass) {
  SolverState own;
  SolverState& used = state != nullptr ? *state : own;
  Descent descent(problem, options, refresh, used);
  for (bool go_on = true; go_on;) {
    descent.read_hessians();
    go_on = descent.read_trials() && (!after_pass || after_pass(used));
  }
  return descent.fits();
}

}  // namespace gradstep
