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
// The least share of the slope, which is the error's square, that a step is trusted to leave.
constexpr double least_left = 1e-6;

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
  const double slope_before = slope_;
  gradient_ = sums.tail(at_.size()) + penalty_.cwiseProduct(at_);
  objective_ = sums[0] + at_.cwiseAbs2().dot(penalty_) / 2;
  if (passes_ > 1) inverse_.learn(-direction_, gradient_ - before);
  slope_ = gradient_.dot(inverse_.metric().solve(gradient_));
  direction_ = inverse_.times(gradient_);
  decide(slope_before, tolerance, max_iterations);
  if (outcome_ != Outcome::lost) at_ -= direction_;
}

// As DescentRules::is_sure(): what the last steps have left of the error, the next is taken to
// leave too. By both of the last two, since steps of L-BFGS are of very different luck.
void PathModel::decide(double slope_before, double tolerance, int max_iterations) {
  const bool at_rounding = slope_ <= DescentRules::below_rounding * objective_;
  const double left = passes_ > 1 ? slope_ / slope_before : 0;
  if (!std::isfinite(slope_) || inverse_.metric().damped() ||
      passes_ > std::min(most_steps, max_iterations) ||
      (!at_rounding && !(left <= DescentRules::close))) {
    outcome_ = Outcome::lost;
  } else if (passes_ > 1) {
    const double share = std::sqrt(std::max({left, left_, least_left}));
    const double largest = direction_.cwiseAbs().maxCoeff();
    if (at_rounding || share * largest <= tolerance / 10 * at_.cwiseAbs().maxCoeff())
      outcome_ = Outcome::converged;
    left_ = left;
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
