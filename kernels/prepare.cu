#include "kernels/prepare.cuh"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "kernels/column_sweeps.cuh"
#include "kernels/cuda/compiler.cuh"
#include "kernels/prepare.hpp"

namespace gradstep::cuda {
namespace {

// Constants, because nvcc refuses the calls inside a kernel.
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

// How the measured columns of a few rows lie in shared memory.
struct Tiling {
  int columns;
  int rows = threads_per_block;  // a power of two
  int threads_of_column = 32;    // that look for a column's extremes: a power of two

  // Doubles from one column to the next, so that threads of different columns meet in different
  // banks.
  [[nodiscard]] __host__ __device__ int pitch() const {
    return threads_of_column < 16 ? rows + threads_of_column : rows;
  }
  // Extremes under way: one a column and thread.
  [[nodiscard]] __host__ __device__ int slots() const { return columns * threads_of_column; }
  [[nodiscard]] std::int64_t shared_bytes() const {
    return std::int64_t{8} * columns * pitch() + std::int64_t{16} * slots() + threads_per_block;
  }
};

// Several tiles should fit a multiprocessor, so that some load while others compute; below 16 rows
// the reads become shorter than a line of cache, below 4 than a sector of it.
Tiling tiling_of(std::int64_t columns) {
  constexpr int preferred_bytes = 16 * 1024;
  Tiling tiling{.columns = static_cast<int>(columns)};
  while (tiling.threads_of_column > 1 && tiling.slots() > threads_per_block)
    tiling.threads_of_column /= 2;
  while (tiling.rows > 16 && 8 * tiling.rows * tiling.columns > preferred_bytes) tiling.rows /= 2;
  while (tiling.rows > 4 && tiling.shared_bytes() > shared_memory_of_block) tiling.rows /= 2;
  return tiling;
}

// A block takes every gridDim.x-th block of rows, a tile at a time. Per tile: all threads bring the
// measured columns to shared memory and look for NaN on the way (neighbours read neighbours, each
// cell once); a thread a row settles the row's fate; then each thread widens the extremes of one
// column by its share of the rows that are kept.
// Shared: the tile, the extremes, a flag a thread. Traffic: 8 B read per cell, 1 B read per row,
// 1 B written per dropped row; 8 B written per block of rows, 16 B per column and block.
__global__ void __launch_bounds__(threads_per_block)
    mask_and_range_kernel(const double* __restrict__ x, std::int64_t rows, std::int64_t stride,
                          Roles roles, Tiling tiling, std::uint8_t* __restrict__ keep,
                          std::int64_t* __restrict__ kept_of_block, Extremes* __restrict__ parts) {
  auto* found = dynamic_shared<Extremes>();
  auto* tile = reinterpret_cast<double*>(found + tiling.slots());
  auto* whole = reinterpret_cast<bool*>(tile + tiling.columns * tiling.pitch());
  const int thread = static_cast<int>(threadIdx.x);
  const int row = thread % tiling.rows;  // of the tile
  const int group = thread / tiling.rows;
  const int groups = threads_per_block / tiling.rows;
  // Columns that the group takes: group, group + groups, ...
  const int measured = static_cast<int>(pieces(roles.measured - group, groups));
  const int looked_at = static_cast<int>(pieces(roles.looked_at - group, groups));
  for (int slot = thread; slot < tiling.slots(); slot += threads_per_block)
    found[slot] = {infinity, -infinity};

  for (std::int64_t block = blockIdx.x; block * rows_of_a_block < rows; block += gridDim.x) {
    int kept = 0;
    for (int first = 0; first < rows_of_a_block; first += tiling.rows) {
      const std::int64_t at = block * rows_of_a_block + first + row;
      bool missing = false;
      if (at < rows) {
        const double* const cells = x + group * stride + at;
#pragma unroll 4  // several reads under way
        for (int i = 0; i < measured; ++i) {
          const double value = cells[i * groups * stride];
          tile[(group + i * groups) * tiling.pitch() + row] = value;
          missing |= group + i * groups >= roles.measured_only && isnan(value);
        }
#pragma unroll 4
        for (int i = measured; i < looked_at; ++i) missing |= isnan(cells[i * groups * stride]);
      }
      whole[thread] = !missing;
      __syncthreads();  // the tile is complete, and every group has had its say

      bool keeps = group == 0 && at < rows && keep[at] != 0;
      if (keeps) {
#pragma unroll 4
        for (int other = 1; other < groups; ++other) missing |= !whole[other * tiling.rows + row];
        if (missing) keep[at] = 0;
        keeps = !missing;
      }
      if (group == 0) whole[row] = keeps;
      kept += __syncthreads_count(keeps);  // the rows' fate is known

      for (int slot = thread; slot < tiling.slots(); slot += threads_per_block) {
        const double* column = tile + slot / tiling.threads_of_column * tiling.pitch();
        Extremes extremes = found[slot];
#pragma unroll 4
        for (int r = slot % tiling.threads_of_column; r < tiling.rows;
             r += tiling.threads_of_column)
          widen(extremes, whole[r] ? column[r] : no_number);
        found[slot] = extremes;
      }
      __syncthreads();  // nobody needs this tile any more
    }
    if (thread == 0) kept_of_block[block] = kept;
  }

  for (int c = thread; c < tiling.columns; c += threads_per_block) {
    const Extremes* of_column = found + c * tiling.threads_of_column;
    Extremes all = of_column[0];
    for (int other = 1; other < tiling.threads_of_column; ++other) widen(all, of_column[other]);
    parts[std::int64_t{c} * gridDim.x + blockIdx.x] = all;
  }
}

// Where each column stands on the device, the roles in the order that Roles wants.
struct Placed {
  std::vector<double*> columns;
  std::vector<std::size_t> place_of_scaled;  // of the i-th column with scale set
  Roles roles;
};

Placed place(std::span<const PrepareColumn> columns, bool drop_missing) {
  constexpr std::size_t kinds = 4;
  const auto kind_of = [&](const PrepareColumn& column) -> std::size_t {
    const bool drops = drop_missing && column.drops_rows;
    if (column.scale) return drops ? 1 : 0;
    return drops ? 2 : 3;
  };
  std::array<std::vector<double*>, kinds> of_kind;
  for (const PrepareColumn& column : columns) of_kind[kind_of(column)].push_back(column.values);

  Placed placed;
  std::array<std::size_t, kinds> next{};  // place of the next column of this kind
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    next[kind] = placed.columns.size();
    placed.columns.insert(placed.columns.end(), of_kind[kind].begin(), of_kind[kind].end());
  }
  placed.roles = {.measured_only = static_cast<std::int64_t>(next[1]),
                  .measured = static_cast<std::int64_t>(next[2]),
                  .looked_at = static_cast<std::int64_t>(next[3])};
  for (const PrepareColumn& column : columns)
    if (column.scale) placed.place_of_scaled.push_back(next[kind_of(column)]++);
  return placed;
}

}  // namespace

void look_at_rows(const DeviceColumns<const double>& x, const Roles& roles, std::uint8_t* keep,
                  std::int64_t* kept_of_block, Extremes* parts, Extremes* extremes,
                  cudaStream_t stream, std::int64_t most_blocks) {
  const std::int64_t blocks = std::min(pieces(x.rows, rows_of_a_block), most_blocks);
  if (blocks == 0) return;
  const bool fits = roles.measured <= most_columns_of_one_read;
  const std::int64_t skipped = fits ? 0 : roles.measured_only;
  const Roles read{.measured_only = fits ? roles.measured_only : 0,
                   .measured = fits ? roles.measured : 0,
                   .looked_at = roles.looked_at - skipped};
  const Tiling tiling = tiling_of(read.measured);
  launch({blocks, tiling.shared_bytes()}, stream, mask_and_range_kernel,
         x.cells + skipped * x.stride, x.rows, x.stride, read, tiling, keep, kept_of_block, parts);
  if (fits)
    merge_extremes(parts, blocks, roles.measured, extremes, stream);
  else
    widen_extremes({x.cells, x.rows, roles.measured, x.stride}, keep, parts, extremes, stream,
                   most_blocks);
}

Prepared prepare(std::span<const PrepareColumn> columns,
                 std::span<std::uint64_t* const> other_cells, std::span<std::uint8_t> keep,
                 bool drop_missing, std::int64_t device_memory) {
  const Placed placed = place(columns, drop_missing);
  std::vector<void*> cells(placed.columns.begin(), placed.columns.end());
  cells.insert(cells.end(), other_cells.begin(), other_cells.end());
  ColumnSweeps sweeps({cells.begin(), cells.end()}, placed.roles, keep,
                      {.changes = true, .device_memory = device_memory});

  const ColumnSweeps::Found found = sweeps.look(keep);
  Prepared prepared;
  prepared.rows = found.rows;
  std::vector<ColumnScale> scale_at(found.extremes.size());
  for (const std::size_t c : placed.place_of_scaled) {
    const double lo = found.extremes[c].minimum();
    const double hi = found.extremes[c].maximum();
    scale_at[c] = scale_of_range(lo, hi);
    prepared.scales.push_back(scale_at[c]);
    if (std::isinf(lo) || std::isinf(hi)) prepared.infinite = true;
  }
  if (!prepared.infinite) sweeps.change(cells, scale_at);
  return prepared;
}

}  // namespace gradstep::cuda
