#include "kernels/metric.hpp"

#include <limits>
#include <utility>

namespace gradstep {

// The factor is that of the matrix scaled to a unit diagonal: Cholesky does not care for the scale
// of the columns, but the condition number, which decides whether to trust it, does.
Metric::Metric(Eigen::MatrixXd m) : matrix_(std::move(m)) {
  const Eigen::VectorXd diagonal = matrix_.diagonal();
  root_scale_ = (diagonal.array() > 0).select(diagonal.array().rsqrt(), 1.0);
  Eigen::MatrixXd scaled = root_scale_.asDiagonal() * matrix_ * root_scale_.asDiagonal();
  const double epsilon = std::numeric_limits<double>::epsilon();
  const double least_condition = epsilon * static_cast<double>(matrix_.rows());
  factor_.compute(scaled);
  double added = 0;
  while (factor_.info() != Eigen::Success || factor_.rcond() < least_condition) {
    // A hundredfold at a time ends at the latest when the diagonal dominates.
    const double more = added == 0 ? 10 * least_condition : 99 * added;
    scaled.diagonal().array() += more;
    added += more;
    damped_ = true;
    factor_.compute(scaled);
  }
}

}  // namespace gradstep
