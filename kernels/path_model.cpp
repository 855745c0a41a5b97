#include "kernels/path_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/descent_rules.hpp"

namespace gradstep {
namespace {

using Eigen::VectorXd;

// Near a Hessian that is right there are three or four steps.
constexpr int most_steps = 12;
// The least share of the error that a step is trusted to leave, and that after a single one: the
// directions seen are few.
constexpr double least_share = 0.01;
constexpr double least_share_of_one = 0.1;
// Of the tolerance, what a step may be thought to leave.
constexpr double left_in_the_end = 0.2;

}  // namespace

void InverseHessian::learn(VectorXd step, VectorXd change) {
  const double curvature = step.dot(change);
  if (curvature > 0) pairs_.push_back({std::move(step), std::move(change), curvature});
}

// The two loops of Nocedal (1980).
VectorXd InverseHessian::times(VectorXd g) const {
  std::vector<double> shares(pairs_.size());
  for (std::size_t k = pairs_.size(); k-- > 0;) {
    shares[k] = pairs_[k].step.dot(g) / pairs_[k].curvature;
    g -= shares[k] * pairs_[k].change;
  }
  VectorXd product = metric_->solve(g);
  for (std::size_t k = 0; k < pairs_.size(); ++k)
    product += (shares[k] - pairs_[k].change.dot(product) / pairs_[k].curvature) * pairs_[k].step;
  return product;
}

void PathModel::take_sums(const VectorXd& sums, double tolerance, int max_iterations) {
  ++passes_;
  const VectorXd before = gradient_;
  const VectorXd in_metric_before = in_metric_;
  const double slope_before = slope_;
  gradient_ = sums.tail(at_.size()) + penalty_.cwiseProduct(at_);
  objective_ = sums[0] + at_.cwiseAbs2().dot(penalty_) / 2;
  in_metric_ = inverse_.metric().solve(gradient_);
  if (passes_ > 1) {
    compare_with_metric(gradient_ - before, in_metric_ - in_metric_before);
    inverse_.learn(-direction_, gradient_ - before);
  }
  slope_ = gradient_.dot(in_metric_);
  direction_ = inverse_.times(gradient_);
  decide(slope_before, tolerance, max_iterations);
  if (outcome_ != Outcome::lost) at_ -= direction_;
}

// A step s = -direction has changed the gradient by y = H s, H the Hessian on the way. Were M the
// Hessian, M^-1 y would be s: what is between them is the share of an error along s that a step by
// M would leave, in M's norm. What the step by L-BFGS has left says less: that is a matter of luck.
void PathModel::compare_with_metric(const VectorXd& change, const VectorXd& in_metric) {
  const VectorXd m_direction = inverse_.metric().matrix() * direction_;
  const double missed = (in_metric + direction_).dot(change + m_direction);
  wrong_ = std::max(wrong_, std::sqrt(std::max(missed / direction_.dot(m_direction), 0.0)));
}

// The error is about sqrt(slope) long in the metric's norm, and its entries no larger than that
// times the longest of a unit.
void PathModel::decide(double slope_before, double tolerance, int max_iterations) {
  const bool at_rounding = slope_ <= DescentRules::below_rounding * objective_;
  const double left = passes_ > 1 ? slope_ / slope_before : 0;
  if (!std::isfinite(slope_) || inverse_.metric().damped() ||
      passes_ > std::min(most_steps, max_iterations) ||
      (!at_rounding && !(left <= DescentRules::close))) {
    outcome_ = Outcome::lost;
  } else if (passes_ > 1) {
    if (passes_ == 2) entry_of_unit_ = inverse_.metric().largest_entry_of_unit();
    const double share = std::max(wrong_, passes_ == 2 ? least_share_of_one : least_share);
    const double largest = share * std::sqrt(slope_) * entry_of_unit_;
    if (at_rounding || largest <= left_in_the_end * tolerance * at_.cwiseAbs().maxCoeff())
      outcome_ = Outcome::converged;
  }
}

Fit PathModel::fit() const {
  Fit fit;
  fit.coefficients.assign(at_.begin(), at_.end() - 1);
  fit.intercept = at_[at_.size() - 1];
  fit.objective = objective_;
  fit.gradient_norm = gradient_.norm();
  fit.iterations = passes_;
  fit.passes = passes_;
  fit.hessians = 1;
  fit.converged = outcome_ == Outcome::converged;
  fit.stop_reason = fit.converged ? StopReason::tolerance : StopReason::running;
  return fit;
}

}  // namespace gradstep
