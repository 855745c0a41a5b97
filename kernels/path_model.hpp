#pragma once

#include <Eigen/Core>

#include <memory>
#include <utility>
#include <vector>

#include "kernels/metric.hpp"
#include "kernels/solver.hpp"

namespace gradstep {

/// An inverse Hessian by L-BFGS: that of a metric, corrected by how the gradient has changed in the
/// steps so far. Internal to kernels/*.cpp.
class InverseHessian {
 public:
  explicit InverseHessian(std::shared_ptr<const Metric> metric) : metric_(std::move(metric)) {}

  [[nodiscard]] const Metric& metric() const { return *metric_; }

  /// @param step    the step taken
  /// @param change  of the gradient in it; a pair of no positive curvature is passed over
  void learn(Eigen::VectorXd step, Eigen::VectorXd change);

  /// The product with g. One solve by the metric and two products a step.
  [[nodiscard]] Eigen::VectorXd times(Eigen::VectorXd g) const;

 private:
  struct Pair {
    Eigen::VectorXd step, change;
    double curvature;  ///< step' change
  };

  std::shared_ptr<const Metric> metric_;
  std::vector<Pair> pairs_;
};

/// One model of fit_path(): all that happens between two reads of X. Internal to kernels/*.cpp.
class PathModel {
 public:
  enum class Outcome { running, converged, lost };

  /// @param start    (coefficients, intercept), D = d+1
  /// @param penalty  reg, once per entry of v, or 0
  /// @param metric   close to the Hessian at `start`, penalty included
  PathModel(Eigen::VectorXd start, Eigen::VectorXd penalty, std::shared_ptr<const Metric> metric)
      : at_(std::move(start)), penalty_(std::move(penalty)), inverse_(std::move(metric)) {}

  /// Where the next read is to look, while running; then the answer.
  [[nodiscard]] const double* v() const { return at_.data(); }
  [[nodiscard]] Outcome outcome() const { return outcome_; }

  /// Takes the step that follows from what a read of X has given at v().
  ///
  /// Converged when the step leaves a fifth of the tolerance at most, whatever the direction of the
  /// error: by the most that the metric has missed of a step so far, but no less than a hundredth
  /// of the error (a tenth after the first step). Lost when a step has not left a half of the error
  /// at most, when there were too many, or when the metric is singular.
  /// @param sums  loss, gradient [D], without the penalty
  void take_sums(const Eigen::VectorXd& sums, double tolerance, int max_iterations);

  /// The answer if converged; else only what it has cost.
  [[nodiscard]] Fit fit() const;

 private:
  void compare_with_metric(const Eigen::VectorXd& change, const Eigen::VectorXd& in_metric);
  void decide(double slope_before, double tolerance, int max_iterations);

  Eigen::VectorXd at_;
  Eigen::VectorXd penalty_;
  InverseHessian inverse_;
  Eigen::VectorXd gradient_;
  Eigen::VectorXd in_metric_;  ///< metric^-1 gradient
  Eigen::VectorXd direction_;
  double slope_ = 0;  ///< gradient' metric^-1 gradient
  double wrong_ = 0;  ///< the largest share of a step that the metric has missed, in its norm
  double entry_of_unit_ = 0;  ///< the metric's largest_entry_of_unit()
  double objective_ = 0;
  int passes_ = 0;
  Outcome outcome_ = Outcome::running;
};

}  // namespace gradstep
