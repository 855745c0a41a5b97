#include "kernels/prepare.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/core/parallel.hpp"
#include "kernels/prepare_blocks.hpp"

namespace gradstep {
namespace {

// What the first read finds, for a block of rows or for all.
struct Found {
  std::int64_t rows = 0;
  std::vector<Extremes> extremes;  // one per scaled column

  void add(const Found& block) {
    rows += block.rows;
    for (std::size_t c = 0; c < extremes.size(); ++c) extremes[c].add(block.extremes[c]);
  }
};

// The mask of a block is final before its extremes are taken, while its columns are in cache.
Found look_at_block(std::span<const PrepareColumn> columns, std::int64_t first,
                    std::span<std::uint8_t> keep, bool drop_missing) {
  for (const PrepareColumn& column : columns)
    if (drop_missing && column.drops_rows) clear_missing(column.values + first, keep);
  Found found{count_kept(keep), {}};
  for (const PrepareColumn& column : columns)
    if (column.scale) found.extremes.push_back(extremes_of(column.values + first, keep));
  return found;
}

Found look(std::span<const PrepareColumn> columns, std::span<std::uint8_t> keep, bool drop_missing,
           int threads) {
  const std::int64_t rows = std::ssize(keep);
  const std::int64_t blocks = (rows + prepare_rows_per_block - 1) / prepare_rows_per_block;
  Found all;
  for (const PrepareColumn& column : columns)
    if (column.scale) all.extremes.emplace_back();
  std::vector<Found> found_by(static_cast<std::size_t>(std::max(threads, 1)));
  for_each_in_order(
      blocks, threads,
      [&](std::int64_t index, int worker) {
        const std::int64_t first = index * prepare_rows_per_block;
        const std::int64_t count = std::min(prepare_rows_per_block, rows - first);
        found_by[static_cast<std::size_t>(worker)] = look_at_block(
            columns, first,
            keep.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
            drop_missing);
      },
      [&](std::int64_t, int worker) { all.add(found_by[static_cast<std::size_t>(worker)]); });
  return all;
}

void scale_in_place(double* values, std::int64_t rows, const ColumnScale& by) {
  for (std::int64_t i = 0; i < rows; ++i) values[i] = scaled(values[i], by);
}

// In place, so each column is one worker's from its first row to its last.
void compact_and_scale(std::span<const PrepareColumn> columns,
                       std::span<std::uint64_t* const> other_cells,
                       std::span<const std::uint8_t> keep, const Prepared& prepared, int threads) {
  std::vector<const ColumnScale*> scale_of(columns.size(), nullptr);
  std::size_t next = 0;
  for (std::size_t c = 0; c < columns.size(); ++c)
    if (columns[c].scale) scale_of[c] = &prepared.scales[next++];

  const bool all_kept = prepared.rows == std::ssize(keep);
  const auto work_on = [&](std::int64_t index, int) {
    const auto c = static_cast<std::size_t>(index);
    if (c >= columns.size()) {
      if (!all_kept)
        compact(other_cells[c - columns.size()], keep, [](std::uint64_t cell) { return cell; });
    } else if (scale_of[c] == nullptr) {
      if (!all_kept) compact(columns[c].values, keep, [](double value) { return value; });
    } else if (all_kept) {
      scale_in_place(columns[c].values, prepared.rows, *scale_of[c]);
    } else {
      compact(columns[c].values, keep,
              [by = *scale_of[c]](double value) { return scaled(value, by); });
    }
  };
  for_each_in_order(std::ssize(columns) + std::ssize(other_cells), threads, work_on,
                    [](std::int64_t, int) {});
}

Prepared prepare_cpu(std::span<const PrepareColumn> columns,
                     std::span<std::uint64_t* const> other_cells, std::span<std::uint8_t> keep,
                     bool drop_missing, int threads) {
  const Found found = look(columns, keep, drop_missing, threads);
  Prepared prepared;
  prepared.rows = found.rows;
  for (const Extremes& extremes : found.extremes) {
    prepared.scales.push_back(scale_of_range(extremes.minimum(), extremes.maximum()));
    if (std::isinf(extremes.minimum()) || std::isinf(extremes.maximum())) prepared.infinite = true;
  }
  if (!prepared.infinite) compact_and_scale(columns, other_cells, keep, prepared, threads);
  return prepared;
}

}  // namespace

Prepared prepare(std::span<const PrepareColumn> columns,
                 std::span<std::uint64_t* const> other_cells, std::span<std::uint8_t> keep,
                 bool drop_missing, int threads, Backend backend, std::int64_t device_memory) {
  expect_available(backend, "prepare");
  return backend == Backend::cuda
             ? cuda::prepare(columns, other_cells, keep, drop_missing, device_memory)
             : prepare_cpu(columns, other_cells, keep, drop_missing, threads);
}

}  // namespace gradstep
