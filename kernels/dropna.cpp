#include "kernels/dropna.hpp"

#include <algorithm>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "kernels/prepare_blocks.hpp"

namespace gradstep {
namespace {

std::int64_t drop_missing_rows_cpu(std::span<const double* const> columns,
                                   std::span<std::uint8_t> keep, int threads) {
  const std::int64_t rows = std::ssize(keep);
  const std::int64_t blocks = (rows + prepare_rows_per_block - 1) / prepare_rows_per_block;
  std::vector<std::int64_t> kept_by(static_cast<std::size_t>(std::max(threads, 1)));
  std::int64_t kept = 0;
  for_each_in_order(
      blocks, threads,
      [&](std::int64_t index, int worker) {
        const std::int64_t first = index * prepare_rows_per_block;
        const std::int64_t count = std::min(prepare_rows_per_block, rows - first);
        const auto block =
            keep.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
        for (const double* column : columns) clear_missing(column + first, block);
        kept_by[static_cast<std::size_t>(worker)] = count_kept(block);
      },
      [&](std::int64_t, int worker) { kept += kept_by[static_cast<std::size_t>(worker)]; });
  return kept;
}

std::int64_t compact_rows_cpu(std::span<std::uint64_t* const> columns,
                              std::span<const std::uint8_t> keep, int threads) {
  const std::int64_t kept = count_kept(keep);
  if (kept == std::ssize(keep)) return kept;
  for_each_in_order(
      std::ssize(columns), threads,
      [&](std::int64_t index, int) {
        compact(columns[static_cast<std::size_t>(index)], keep,
                [](std::uint64_t cell) { return cell; });
      },
      [](std::int64_t, int) {});
  return kept;
}

}  // namespace

std::int64_t drop_missing_rows(std::span<const double* const> columns, std::span<std::uint8_t> keep,
                               int threads, Backend backend) {
  expect_available(backend, "drop_missing_rows");
  return backend == Backend::cuda ? cuda::drop_missing_rows(columns, keep)
                                  : drop_missing_rows_cpu(columns, keep, threads);
}

std::int64_t compact_rows(std::span<std::uint64_t* const> columns,
                          std::span<const std::uint8_t> keep, int threads, Backend backend) {
  expect_available(backend, "compact_rows");
  return backend == Backend::cuda ? cuda::compact_rows(columns, keep)
                                  : compact_rows_cpu(columns, keep, threads);
}

}  // namespace gradstep
