#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/core/backend.hpp"
#include "kernels/core/host_device.hpp"
#include "kernels/solver.hpp"

namespace gradstep {

/// 1 / (1 + e^-z), without overflow for any z: e is raised to a negative power only.
GRADSTEP_HOST_DEVICE inline double sigmoid(double z) {
  const double e = std::exp(-std::abs(z));
  return z < 0 ? e / (1 + e) : 1 / (1 + e);
}

/// log(1 + e^-margin), without overflow or cancellation. margin = y z with y = +1 or -1, which for
/// y in {0, 1} is max(z, 0) - y z + log1p(e^-|z|).
GRADSTEP_HOST_DEVICE inline double logistic_loss(double margin) {
  return (margin < 0 ? -margin : 0.0) + std::log1p(std::exp(-std::abs(margin)));
}

/// A point at which the objective of one model is asked for.
struct LogisticPoint {
  int model = 0;              ///< index into LogisticProblem::models
  const double* v = nullptr;  ///< length d+1: coefficients, then the intercept
};

/// The sums over rows that the solvers need; the regulariser is not in them. One object a fit, so
/// that a backend can keep the rows where it works. Sums are of this process' rows only.
class LogisticSums {
 public:
  LogisticSums() = default;
  LogisticSums(const LogisticSums&) = delete;
  LogisticSums& operator=(const LogisticSums&) = delete;
  virtual ~LogisticSums() = default;

  /// gram_by_fold (kernels/gram.hpp) of the problem's rows and their weights, by any folds.
  virtual void gram(std::span<const std::int32_t> fold_of_row, std::span<const int> folds,
                    std::span<double> sums) = 0;

  /// Per point the loss, then its gradient: d+2 numbers. One read of X for all points; on the CPU,
  /// where there are very many and folds as well, one for as many as 32 MiB hold, a sum for each
  /// fold.
  virtual void loss_and_gradient(std::span<const LogisticPoint> points, std::span<double> sums) = 0;

  /// Per point sum weight_i p_i (1 - p_i) a_i a_i', full symmetric, (d+1)^2 numbers. One read of X.
  virtual void hessian(std::span<const LogisticPoint> points, std::span<double> sums) = 0;
};

/// The sums on `backend`. Keeps references to everything in `problem`.
///
/// @throws InvalidArgument     when a length in `problem` does not fit, a reg is not positive or a
///                             class's weight is negative or not finite
/// @throws BackendUnavailable  when `backend` cannot run here
///
/// Work of a call: each row is copied into cache once (8 B or 4 B per element of X); the points
/// share it. On the CPU, models that differ only in the fold they leave out and in the weights of
/// their classes cost as much as one at the same v, if it is the same array. Agreement: same bits
/// for any `threads`; other backends differ by rounding of sums. device_memory: as in
/// SolverOptions; rows that do not fit stream through the GPU at every read. A GPU takes classes
/// from 0 and folds from -1 to 32,767, and throws InvalidArgument for others.
[[nodiscard]] std::unique_ptr<LogisticSums> logistic_sums(const LogisticProblem& problem,
                                                          int threads, Backend backend,
                                                          std::int64_t device_memory = 0);

namespace cuda {
/// The device half: keeps the rows on the device. In logistic.cu, or cuda/unavailable.cpp.
[[nodiscard]] std::unique_ptr<LogisticSums> logistic_sums(const LogisticProblem& problem,
                                                          std::int64_t device_memory);
}  // namespace cuda

}  // namespace gradstep
