#include "kernels/dropna.cuh"

#include <thrust/scan.h>
#include <thrust/system/cuda/execution_policy.h>
#include <thrust/system_error.h>

#include <new>
#include <vector>

#include "kernels/column_sweeps.cuh"
#include "kernels/cuda/block_reduce.cuh"
#include "kernels/dropna.hpp"
#include "kernels/minmax.cuh"

namespace gradstep::cuda {
namespace {

constexpr int columns_of_a_group = 32;

// A block takes one block of rows in one group of 32 columns; a thread takes a row. It finds the
// row's place from the kept rows before it in its warp and in the warps before, then carries its
// cells over one by one: neighbours read neighbours, and write neighbours but for the gaps.
// Shared: a count a warp, the group's scales. Traffic: 8 B read and 8 B written per kept cell; per
// group 1 B read per row, 8 B read per block of rows and 16 B per scaled column.
__global__ void __launch_bounds__(threads_per_block)
    compact_and_scale_kernel(const double* __restrict__ x, std::int64_t rows, std::int64_t columns,
                             std::int64_t stride, const std::uint8_t* __restrict__ keep,
                             const std::int64_t* __restrict__ kept_before,
                             const ColumnScale* __restrict__ scales, std::int64_t scaled_columns,
                             double* __restrict__ out, std::int64_t out_stride) {
  __shared__ int kept_of_warp[warps_per_block];
  __shared__ std::int64_t first_place;
  __shared__ double scale[columns_of_a_group];
  __shared__ double offset[columns_of_a_group];

  const std::int64_t blocks_of_rows = pieces(rows, rows_of_a_block);
  const std::int64_t block = blockIdx.x % blocks_of_rows;
  const std::int64_t first = blockIdx.x / blocks_of_rows * columns_of_a_group;
  const int count = static_cast<int>(min(columns - first, std::int64_t{columns_of_a_group}));
  const int thread = static_cast<int>(threadIdx.x);
  const std::int64_t row = block * rows_of_a_block + thread;
  const int warp = thread / 32;
  const int lane = thread % 32;
  const bool kept = row < rows && keep[row] != 0;
  const unsigned kept_lanes = __ballot_sync(all_lanes, kept);
  if (lane == 0) kept_of_warp[warp] = __popc(kept_lanes);
  if (thread == 0) first_place = kept_before[block] - kept_before[0];
  if (thread < count && first + thread < scaled_columns) {
    scale[thread] = scales[first + thread].scale;
    offset[thread] = scales[first + thread].offset;
  }
  __syncthreads();  // the counts, the first place and the scales are there
  if (!kept) return;

  std::int64_t place = first_place + __popc(kept_lanes & ((1u << lane) - 1));
  for (int before = 0; before < warp; ++before) place += kept_of_warp[before];
#pragma unroll 4  // several reads under way
  for (int c = 0; c < count; ++c) {
    const double cell = x[(first + c) * stride + row];
    out[(first + c) * out_stride + place] =
        first + c < scaled_columns ? scaled_or_missing(cell, scale[c], offset[c]) : cell;
  }
}

}  // namespace

void add_up_blocks(std::int64_t* kept, std::int64_t blocks, cudaStream_t stream) {
  try {
    thrust::exclusive_scan(thrust::cuda::par_nosync.on(stream), kept, kept + blocks + 1, kept);
  } catch (const thrust::system_error& error) {
    throw CudaError(static_cast<cudaError_t>(error.code().value()), Where::here());
  } catch (const std::bad_alloc&) {  // Thrust's name for too little device memory
    throw CudaError(cudaErrorMemoryAllocation, Where::here());
  }
}

void compact_and_scale(const DeviceColumns<const double>& x, const std::uint8_t* keep,
                       const std::int64_t* kept_before, const ColumnScale* scales,
                       std::int64_t scaled, const DeviceColumns<double>& out, cudaStream_t stream) {
  const std::int64_t blocks =
      pieces(x.rows, rows_of_a_block) * pieces(x.columns, columns_of_a_group);
  if (blocks == 0) return;
  launch({blocks}, stream, compact_and_scale_kernel, x.cells, x.rows, x.columns, x.stride, keep,
         kept_before, scales, scaled, out.cells, out.stride);
}

std::int64_t drop_missing_rows(std::span<const double* const> columns,
                               std::span<std::uint8_t> keep) {
  ColumnSweeps sweeps({columns.begin(), columns.end()},
                      {.measured_only = 0, .measured = 0, .looked_at = std::ssize(columns)}, keep,
                      {.changes = false});
  return sweeps.look(keep).rows;
}

std::int64_t compact_rows(std::span<std::uint64_t* const> columns,
                          std::span<const std::uint8_t> keep) {
  ColumnSweeps sweeps({columns.begin(), columns.end()}, {}, keep, {.changes = true});
  const std::int64_t rows = sweeps.look({}).rows;
  sweeps.change(std::vector<void*>(columns.begin(), columns.end()), {});
  return rows;
}

}  // namespace gradstep::cuda
