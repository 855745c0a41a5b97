#include "kernels/minmax.cuh"

#include <algorithm>
#include <vector>

#include "kernels/column_sweeps.cuh"
#include "kernels/cuda/block_reduce.cuh"
#include "kernels/minmax.hpp"

namespace gradstep::cuda {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t rows_of_a_part = 16 * rows_of_a_block;

struct Min {
  __device__ double operator()(double a, double b) const { return b < a ? b : a; }
};
struct Max {
  __device__ double operator()(double a, double b) const { return b > a ? b : a; }
};

// The block's extremes, in thread 0. All threads must call.
__device__ Extremes block_extremes(const Extremes& own, double* scratch) {
  const double lo = block_reduce(own.lo, scratch, Min{});
  const double hi = block_reduce(own.hi, scratch, Max{});
  return {lo, hi};
}

// A block takes one column and every parts_of_column-th block of rows; thread t the t-th row of
// each. Shared: the reduction's scratch. Traffic: 9 B read per row, 16 B written per block.
__global__ void __launch_bounds__(threads_per_block)
    column_extremes_kernel(const double* __restrict__ x, std::int64_t rows, std::int64_t stride,
                           const std::uint8_t* __restrict__ keep, std::int64_t parts_of_column,
                           Extremes* __restrict__ parts) {
  __shared__ double scratch[threads_per_block];
  const std::int64_t column = blockIdx.x / parts_of_column;
  const std::int64_t part = blockIdx.x % parts_of_column;
  Extremes found{infinity, -infinity};
  for (std::int64_t row = part * rows_of_a_block + threadIdx.x; row < rows;
       row += parts_of_column * rows_of_a_block)
    if (keep[row] != 0) widen(found, x[column * stride + row]);
  found = block_extremes(found, scratch);
  if (threadIdx.x == 0) parts[blockIdx.x] = found;
}

// A block takes a column; thread t its parts t, t + 256, ... Shared: the reduction's scratch.
// Traffic: 16 B read per part; 16 B read and written per column.
__global__ void __launch_bounds__(threads_per_block)
    merge_extremes_kernel(const Extremes* __restrict__ parts, std::int64_t parts_of_column,
                          Extremes* __restrict__ extremes) {
  __shared__ double scratch[threads_per_block];
  Extremes found{infinity, -infinity};
  if (threadIdx.x == 0) found = extremes[blockIdx.x];
  for (std::int64_t part = threadIdx.x; part < parts_of_column; part += threads_per_block)
    widen(found, parts[blockIdx.x * parts_of_column + part]);
  found = block_extremes(found, scratch);
  if (threadIdx.x == 0) extremes[blockIdx.x] = found;
}

}  // namespace

void merge_extremes(const Extremes* parts, std::int64_t parts_of_column, std::int64_t columns,
                    Extremes* extremes, cudaStream_t stream) {
  if (columns == 0) return;
  launch({columns}, stream, merge_extremes_kernel, parts, parts_of_column, extremes);
}

void widen_extremes(const DeviceColumns<const double>& x, const std::uint8_t* keep, Extremes* parts,
                    Extremes* extremes, cudaStream_t stream, std::int64_t most) {
  const std::int64_t parts_of_column = std::min(pieces(x.rows, rows_of_a_part), most);
  if (parts_of_column * x.columns == 0) return;
  launch({parts_of_column * x.columns}, stream, column_extremes_kernel, x.cells, x.rows, x.stride,
         keep, parts_of_column, parts);
  merge_extremes(parts, parts_of_column, x.columns, extremes, stream);
}

void column_minmax(std::span<const double* const> columns, std::span<const std::uint8_t> keep,
                   std::span<ColumnScale> scales) {
  const std::int64_t count = std::ssize(columns);
  ColumnSweeps sweeps({columns.begin(), columns.end()},
                      {.measured_only = count, .measured = count, .looked_at = count}, keep,
                      {.changes = false});
  const std::vector<Extremes> extremes = sweeps.look({}).extremes;
  for (std::size_t c = 0; c < scales.size(); ++c)
    scales[c] = scale_of_range(extremes[c].minimum(), extremes[c].maximum());
}

void scale_columns(std::span<double* const> columns, std::int64_t rows,
                   std::span<const ColumnScale> scales) {
  const std::vector<std::uint8_t> keep(static_cast<std::size_t>(rows), 1);
  ColumnSweeps sweeps({columns.begin(), columns.end()}, {}, keep, {.changes = true});
  (void)sweeps.look({});
  sweeps.change(std::vector<void*>(columns.begin(), columns.end()), scales);
}

}  // namespace gradstep::cuda
