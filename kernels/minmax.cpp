#include "kernels/minmax.hpp"

#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/prepare_blocks.hpp"

namespace gradstep {
namespace {

void column_minmax_cpu(std::span<const double* const> columns, std::span<const std::uint8_t> keep,
                       std::span<ColumnScale> scales, int threads) {
  for_each_in_order(
      std::ssize(columns), threads,
      [&](std::int64_t index, int) {
        const auto c = static_cast<std::size_t>(index);
        const Extremes found = extremes_of(columns[c], keep);
        scales[c] = scale_of_range(found.minimum(), found.maximum());
      },
      [](std::int64_t, int) {});
}

void scale_columns_cpu(std::span<double* const> columns, std::int64_t rows,
                       std::span<const ColumnScale> scales, int threads) {
  for_each_in_order(
      std::ssize(columns), threads,
      [&](std::int64_t index, int) {
        const auto c = static_cast<std::size_t>(index);
        const ColumnScale by = scales[c];
        for (std::int64_t i = 0; i < rows; ++i) columns[c][i] = scaled(columns[c][i], by);
      },
      [](std::int64_t, int) {});
}

}  // namespace

ColumnScale scale_of_range(double minimum, double maximum) {
  constexpr double constant_below = 10 * std::numeric_limits<double>::epsilon();
  minimum += 0.0;  // -0.0 becomes 0.0
  maximum += 0.0;
  const double range = maximum - minimum;
  const double scale = range < constant_below ? 1.0 : 1.0 / range;
  return {minimum, maximum, scale, 0.0 - minimum * scale};
}

void column_minmax(std::span<const double* const> columns, std::span<const std::uint8_t> keep,
                   std::span<ColumnScale> scales, int threads, Backend backend) {
  expects(columns.size() == scales.size(), "column_minmax: one scale per column");
  expect_available(backend, "column_minmax");
  backend == Backend::cuda ? cuda::column_minmax(columns, keep, scales)
                           : column_minmax_cpu(columns, keep, scales, threads);
}

void scale_columns(std::span<double* const> columns, std::int64_t rows,
                   std::span<const ColumnScale> scales, int threads, Backend backend) {
  expects(columns.size() == scales.size(), "scale_columns: one scale per column");
  expect_available(backend, "scale_columns");
  backend == Backend::cuda ? cuda::scale_columns(columns, rows, scales)
                           : scale_columns_cpu(columns, rows, scales, threads);
}

}  // namespace gradstep
