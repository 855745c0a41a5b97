#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <cmath>

namespace gradstep {

/// A symmetric positive definite matrix M and its Cholesky factor. Internal to kernels/*.cpp.
class Metric {
 public:
  /// @param m  full symmetric, diagonal >= 0, finite
  explicit Metric(Eigen::MatrixXd m);

  [[nodiscard]] const Eigen::MatrixXd& matrix() const { return matrix_; }

  /// M^-1 g.
  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& g) const {
    return root_scale_.cwiseProduct(factor_.solve(root_scale_.cwiseProduct(g)));
  }

  /// W, lower triangular, with M^-1 = W' W: for those who solve by products.
  [[nodiscard]] Eigen::MatrixXd inverse_factor() const {
    Eigen::MatrixXd w = root_scale_.asDiagonal();
    factor_.matrixL().solveInPlace(w);
    return w;
  }

  /// The largest |x_i| of any x with x'Mx = 1: the root of the largest entry on M^-1's diagonal.
  /// Cost: about that of the factor.
  [[nodiscard]] double largest_entry_of_unit() const {
    return std::sqrt(inverse_factor().colwise().squaredNorm().maxCoeff());
  }

  /// True when M is singular in doubles, and solve() works with M + a little of its diagonal: good
  /// enough for a direction, but M^-1 g is not the error then.
  [[nodiscard]] bool damped() const { return damped_; }

 private:
  Eigen::MatrixXd matrix_;
  Eigen::VectorXd root_scale_;  ///< 1 / sqrt of the diagonal
  Eigen::LLT<Eigen::MatrixXd> factor_;
  bool damped_ = false;
};

}  // namespace gradstep
