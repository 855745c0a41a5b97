#pragma once

#include <cstdint>

#include "kernels/dropna.cuh"
#include "kernels/prepare_blocks.hpp"

namespace gradstep::cuda {

/// scaled(), but a NaN keeps its sign and payload, as on a CPU: a GPU's product has neither.
__device__ inline double scaled_or_missing(double x, double scale, double offset) {
  return isnan(x) ? x : scaled(x, ColumnScale{x, x, scale, offset});
}

/// Widens `by` to hold x, unless x is NaN.
__device__ inline void widen(Extremes& by, double x) {
  by.lo = x < by.lo ? x : by.lo;  // false for NaN
  by.hi = x > by.hi ? x : by.hi;
}

/// Widens `by` to hold what `other` holds.
__device__ inline void widen(Extremes& by, const Extremes& other) {
  by.lo = other.lo < by.lo ? other.lo : by.lo;
  by.hi = other.hi > by.hi ? other.hi : by.hi;
}

/// Parts in which the extremes of a column are found before they are merged, at most.
inline constexpr std::int64_t most_parts = 1024;

/// Merges what the blocks found into extremes[c], which counts as well. Queues. Min and max do not
/// round, so the order does not matter.
///
/// @param parts  those of column c: parts[c * parts_of_column ...]
void merge_extremes(const Extremes* parts, std::int64_t parts_of_column, std::int64_t columns,
                    Extremes* extremes, cudaStream_t stream);

/// Widens extremes[c] by the kept rows of column c. Queues.
///
/// @param parts    scratch: most * x.columns values
/// @param most     parts of a column; a few, in tests, give every block several runs of rows
///
/// Work: reads 8 B per cell, and 1 B per row and column.
void widen_extremes(const DeviceColumns<const double>& x, const std::uint8_t* keep, Extremes* parts,
                    Extremes* extremes, cudaStream_t stream, std::int64_t most = most_parts);

}  // namespace gradstep::cuda
