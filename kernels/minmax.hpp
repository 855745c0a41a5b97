#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "kernels/core/backend.hpp"
#include "kernels/core/host_device.hpp"

namespace gradstep {

/// How one column is mapped to [0, 1]: x -> x * scale + offset, in the column's own units.
struct ColumnScale {
  double minimum = std::numeric_limits<double>::quiet_NaN();  ///< NaN: no number in the column
  double maximum = std::numeric_limits<double>::quiet_NaN();
  double scale = std::numeric_limits<double>::quiet_NaN();
  double offset = std::numeric_limits<double>::quiet_NaN();
};

/// scikit-learn's rule: scale = 1 / (maximum - minimum), offset = 0 - minimum * scale. A range
/// below ten units of rounding counts as constant: scale 1. A range that overflows: scale 0.
/// Both NaN: all NaN. -0.0 is taken as 0.0. Source: scikit-learn 1.9, MinMaxScaler.partial_fit.
[[nodiscard]] ColumnScale scale_of_range(double minimum, double maximum);

/// x * scale rounded, then + offset rounded: the two roundings scikit-learn makes, so the maximum
/// is not always 1. The build turns contraction off (-ffp-contract=off, --fmad=false); a fused
/// multiply-add gives other bytes. NaN stays NaN.
GRADSTEP_HOST_DEVICE inline double scaled(double x, const ColumnScale& by) {
  const double product = x * by.scale;
  return product + by.offset;
}

/// Finds the extremes of each column over the kept rows, NaN ignored, and the scale they give.
///
/// @param columns  float64 columns, each of keep.size() rows
/// @param keep     length n: 0 = the row does not count
/// @param scales   out, one per column; an infinite value is taken as a number, so minimum or
///                 maximum is infinite then, and the caller has to refuse it
/// @throws InvalidArgument     when columns and scales differ in length
/// @throws BackendUnavailable  when `backend` cannot run here
///
/// Work: reads 8 B per cell and 1 B per row and column.
/// Agreement: exact on every backend and for any `threads`; an extreme that is zero is +0.0.
void column_minmax(std::span<const double* const> columns, std::span<const std::uint8_t> keep,
                   std::span<ColumnScale> scales, int threads, Backend backend);

/// Scales each column's `rows` values in place. Work: 8 B read and written per cell.
/// @throws InvalidArgument     when columns and scales differ in length
/// @throws BackendUnavailable  when `backend` cannot run here
void scale_columns(std::span<double* const> columns, std::int64_t rows,
                   std::span<const ColumnScale> scales, int threads, Backend backend);

namespace cuda {
/// The device halves: host memory in, host memory out. In minmax.cu, or cuda/unavailable.cpp.
void column_minmax(std::span<const double* const> columns, std::span<const std::uint8_t> keep,
                   std::span<ColumnScale> scales);
void scale_columns(std::span<double* const> columns, std::int64_t rows,
                   std::span<const ColumnScale> scales);
}  // namespace cuda

}  // namespace gradstep
