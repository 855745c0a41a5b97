#pragma once

#include <cstdint>
#include <span>

#include "kernels/core/backend.hpp"
#include "kernels/minmax.hpp"

namespace gradstep {

/// A linear model of d features, and what raw rows are scaled by first. Does not own.
struct LinearModel {
  std::span<const double> weights{};  ///< length d
  double intercept = 0;
  std::span<const ColumnScale> scales{};  ///< length d, or 0: the rows are taken as they are
};

/// x.w + b for every row, scaled() first where the model has scales: products added from the first
/// feature to the last, then the intercept, each operation rounded.
///
/// @param columns  d columns of z.size() values each, finite: NaN must be refused before
/// @param z        out, length n; NaN where the sum overflowed both ways
/// @param device_memory  as in SolverOptions; rows go through the device in slabs
/// @throws InvalidArgument     when columns, weights and scales differ in length
/// @throws BackendUnavailable  when `backend` cannot run here
///
/// Work: reads 8 B per cell, writes 8 B per row; 2 operations per cell, 4 with scales.
/// Agreement: same bits for any `threads` and on every backend.
/// Source: scikit-learn 1.9, `LogisticRegression.decision_function` behind
/// `MinMaxScaler.transform`; agrees to the rounding of a sum.
void decision_function(std::span<const double* const> columns, const LinearModel& model,
                       std::span<double> z, int threads, Backend backend,
                       std::int64_t device_memory = 0);

namespace cuda {
/// The device half: host memory in, host memory out. In decision_function.cu, or
/// cuda/unavailable.cpp.
void decision_function(std::span<const double* const> columns, const LinearModel& model,
                       std::span<double> z, std::int64_t device_memory);
}  // namespace cuda

}  // namespace gradstep
