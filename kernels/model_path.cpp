#include "kernels/model_path.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "kernels/core/error.hpp"
#include "kernels/gradient_descent.hpp"
#include "kernels/logistic.hpp"
#include "kernels/metric.hpp"
#include "kernels/path_model.hpp"
#include "kernels/solver_state.hpp"

namespace gradstep {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// Of the fits that give the starts: the folds' optima are further away than this anyway.
constexpr double start_tolerance = 1e-3;
// Two points whose margins differ so much, in the root of the mean square, share a Hessian: its
// entries differ by about as much.
constexpr double close_margins = 0.02;
constexpr std::int64_t hessian_doubles_at_once = 4 << 20;  // 32 MiB

class Path {
 public:
  Path(const PathProblem& problem, const SolverOptions& options)
      : problem_(problem), options_(options), size_(problem.rows->cols() + 1) {
    models_.reserve(problem.rates.size() * per_rate());
    for (const double rate : problem.rates)
      for (int fold = -1; fold < problem.folds; ++fold) models_.push_back(model(rate, fold));
  }

  [[nodiscard]] ModelPath fit() {
    start();
    while (read()) {
    }
    std::vector<Fit> fits;
    fits.reserve(models_.size());
    for (const PathModel& at : at_) fits.push_back(at.fit());
    const std::vector<std::size_t> lost = models_that_are(PathModel::Outcome::lost);
    at_ = {};  // their metrics take as much as the next fit
    fit_again(lost, fits);
    for (std::size_t r = 0; r < start_fits_.size(); ++r)
      add_reads(fits[r * per_rate()], start_fits_[r]);
    ModelPath path;
    for (std::size_t k = 0; k < fits.size(); ++k)
      (k % per_rate() == 0 ? path.whole : path.held_out).push_back(std::move(fits[k]));
    return path;
  }

 private:
  [[nodiscard]] std::size_t per_rate() const {
    return static_cast<std::size_t>(problem_.folds) + 1;
  }

  [[nodiscard]] Model model(double rate, int fold) const {
    const auto& weights = problem_.class_weights;
    return {rate, fold, problem_.positive_class,
            weights.empty() ? TwoClassWeights{} : weights.begin()[fold + 1]};
  }

  [[nodiscard]] LogisticProblem with(std::span<const Model> models) const {
    return {problem_.rows, problem_.class_of_row,      problem_.fold_of_row, problem_.row_weight,
            models,        problem_.penalize_intercept};
  }

  [[nodiscard]] VectorXd penalty(std::size_t rate) const {
    VectorXd penalty = VectorXd::Constant(size_, problem_.rates[rate]);
    if (!problem_.penalize_intercept) penalty[size_ - 1] = 0;
    return penalty;
  }

  void start() {
    std::vector<Model> whole;
    whole.reserve(problem_.rates.size());
    for (const double rate : problem_.rates) whole.push_back(model(rate, -1));
    SolverOptions roughly = options_;
    roughly.tolerance = std::max(options_.tolerance, start_tolerance);
    SolverState state;
    start_fits_ = gradient_descent(with(whole), roughly, &state);
    starts_.resize(size_, std::ssize(start_fits_));
    for (std::size_t r = 0; r < start_fits_.size(); ++r) {
      const Fit& fit = start_fits_[r];
      auto start = starts_.col(static_cast<Eigen::Index>(r));
      std::copy(fit.coefficients.begin(), fit.coefficients.end(), start.begin());
      start[size_ - 1] = fit.intercept;
    }
    sums_ =
        logistic_sums(with(models_), options_.threads, options_.backend, options_.device_memory);
    take_hessians(state);
  }

  // Which rate's point has the Hessian that each rate takes.
  [[nodiscard]] std::vector<std::size_t> hessian_of_rate(const SolverState& state) const {
    std::vector<std::size_t> chosen(problem_.rates.size(), 0);
    for (std::size_t r = 1; r < chosen.size(); ++r) {
      chosen[r] = chosen[r - 1];
      MatrixXd metric = Eigen::Map<const MatrixXd>(state.models[r].metric.data(), size_, size_);
      metric.diagonal() -= penalty(r);
      const VectorXd moved = starts_.col(static_cast<Eigen::Index>(r)) -
                             starts_.col(static_cast<Eigen::Index>(chosen[r]));
      const double square = moved.dot(metric * moved) / metric(size_ - 1, size_ - 1);
      if (!(square <= close_margins * close_margins)) chosen[r] = r;
    }
    return chosen;
  }

  void take_hessians(const SolverState& state) {
    const std::vector<std::size_t> chosen = hessian_of_rate(state);
    const auto rates_at_once = static_cast<std::size_t>(std::max<std::int64_t>(
        1, hessian_doubles_at_once / (size_ * size_ * static_cast<std::int64_t>(per_rate()))));
    at_.reserve(models_.size());
    for (std::size_t r = 0; r < chosen.size();) {
      // The rates that follow and take some new Hessians.
      std::vector<std::size_t> fresh;
      std::size_t end = r;
      for (; end < chosen.size(); ++end) {
        if (chosen[end] == end && fresh.size() == rates_at_once) break;
        if (fresh.empty() || fresh.back() != chosen[end]) fresh.push_back(chosen[end]);
      }
      const MatrixXd hessians = hessians_at(fresh);
      for (std::size_t which = 0; r < end; ++r) {
        if (fresh[which] != chosen[r]) ++which;
        add_models(r, hessians.middleCols(static_cast<Eigen::Index>(which * per_rate()),
                                          static_cast<Eigen::Index>(per_rate())));
      }
    }
  }

  [[nodiscard]] MatrixXd hessians_at(const std::vector<std::size_t>& rates) {
    std::vector<LogisticPoint> points;
    points.reserve(rates.size() * per_rate());
    for (const std::size_t r : rates)
      for (std::size_t k = r * per_rate(); k < (r + 1) * per_rate(); ++k)
        points.push_back({static_cast<int>(k), starts_.col(static_cast<Eigen::Index>(r)).data()});
    MatrixXd hessians(size_ * size_, std::ssize(points));
    sums_->hessian(points, span_of(hessians));
    reduce(hessians);
    return hessians;
  }

  // @param hessians  of the loss, one a column: of all rows, then without each fold
  template <class Matrices>
  void add_models(std::size_t rate, const Matrices& hessians) {
    for (Eigen::Index k = 0; k < hessians.cols(); ++k) {
      MatrixXd metric = hessians.col(k).reshaped(size_, size_);
      metric.diagonal() += penalty(rate);
      at_.emplace_back(starts_.col(static_cast<Eigen::Index>(rate)), penalty(rate),
                       std::make_shared<const Metric>(std::move(metric)));
    }
  }

  // One read of X for all models on their way. False when there is none.
  bool read() {
    const std::vector<std::size_t> running = models_that_are(PathModel::Outcome::running);
    if (running.empty()) return false;
    std::vector<LogisticPoint> points;
    points.reserve(running.size());
    for (const std::size_t k : running) points.push_back({static_cast<int>(k), point_of(k)});
    MatrixXd sums(size_ + 1, std::ssize(points));
    sums_->loss_and_gradient(points, span_of(sums));
    reduce(sums);
    for (std::size_t k = 0; k < running.size(); ++k)
      at_[running[k]].take_sums(sums.col(static_cast<Eigen::Index>(k)), options_.tolerance,
                                options_.max_iterations);
    first_read_ = false;
    return true;
  }

  // At first that of all models of a rate, which therefore share their sums.
  [[nodiscard]] const double* point_of(std::size_t model) const {
    return first_read_ ? starts_.col(static_cast<Eigen::Index>(model / per_rate())).data()
                       : at_[model].v();
  }

  [[nodiscard]] std::vector<std::size_t> models_that_are(PathModel::Outcome outcome) const {
    std::vector<std::size_t> found;
    for (std::size_t k = 0; k < at_.size(); ++k)
      if (at_[k].outcome() == outcome) found.push_back(k);
    return found;
  }

  void fit_again(const std::vector<std::size_t>& lost, std::vector<Fit>& fits) const {
    if (lost.empty()) return;
    std::vector<Model> models;
    models.reserve(lost.size());
    for (const std::size_t k : lost) models.push_back(models_[k]);
    std::vector<Fit> found = gradient_descent(with(models), options_);
    for (std::size_t k = 0; k < lost.size(); ++k) {
      add_reads(found[k], fits[lost[k]]);
      fits[lost[k]] = std::move(found[k]);
    }
  }

  // Adds what a fit that came before has cost.
  static void add_reads(Fit& fit, const Fit& before) {
    fit.iterations += before.iterations;
    fit.passes += before.passes;
    fit.hessians += before.hessians;
    fit.sample_reads += before.sample_reads;
  }

  void reduce(MatrixXd& sums) const {
    if (options_.reduce) options_.reduce(span_of(sums));
  }

  static std::span<double> span_of(MatrixXd& matrix) {
    return {matrix.data(), static_cast<std::size_t>(matrix.size())};
  }

  const PathProblem& problem_;
  const SolverOptions& options_;
  Eigen::Index size_;
  std::vector<Model> models_;    // rate by rate: with all rows, then without each fold
  std::vector<Fit> start_fits_;  // one a rate
  MatrixXd starts_;              // the same: v, one a column
  std::unique_ptr<LogisticSums> sums_;
  std::vector<PathModel> at_;  // in the order of models_
  bool first_read_ = true;
};

}  // namespace

void expect_whole(const PathProblem& problem) {
  if (problem.rows == nullptr) throw InvalidArgument("path: there must be rows");
  const std::int64_t n = problem.rows->rows();
  expects(std::ssize(problem.class_of_row) == n, "path: one class per row");
  expects(std::ssize(problem.fold_of_row) == n, "path: one fold per row");
  expects(problem.row_weight.empty() || std::ssize(problem.row_weight) == n,
          "path: one weight per row");
  expects(problem.folds >= 2, "path: at least two folds");
  expects(problem.class_weights.empty() || std::ssize(problem.class_weights) == problem.folds + 1,
          "path: class weights for all rows, and for each fold left out");
  expects(!problem.rates.empty(), "path: at least one rate");
  expects(std::all_of(problem.fold_of_row.begin(), problem.fold_of_row.end(),
                      [&](std::int32_t fold) { return fold >= -1 && fold < problem.folds; }),
          "path: folds are numbered from 0, and -1 for none");
}

ModelPath fit_path(const PathProblem& problem, const SolverOptions& options) {
  expect_whole(problem);
  return Path(problem, options).fit();
}

}  // namespace gradstep
