#include "kernels/decision_function.cuh"

#include <algorithm>
#include <array>

#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/memory.cuh"
#include "kernels/cuda/stream.cuh"
#include "kernels/decision_function.hpp"

namespace gradstep::cuda {
namespace {

constexpr std::int64_t bytes_of_a_cell = 8;

// A thread takes a row and goes through its columns, so neighbours read neighbours; weights and
// scales are the same for all threads and come from the cache. Build flag --fmad=false: a fused
// multiply-add gives other bits than the CPU.
// Grid: a thread a row. Shared: none. Traffic: 8 B read per cell, 8 B written per row.
// Weak when rows are fewer than the device has threads: a thread's sum is sequential by contract.
__global__ void __launch_bounds__(threads_per_block)
    decide_rows_kernel(const double* __restrict__ x, std::int64_t rows, std::int64_t columns,
                       std::int64_t stride, const double* __restrict__ weights, double intercept,
                       const ColumnScale* __restrict__ scales, double* __restrict__ z) {
  const std::int64_t row = grid_thread();
  if (row >= rows) return;
  double sum = 0;
#pragma unroll 8  // several reads under way
  for (std::int64_t c = 0; c < columns; ++c) {
    double value = x[c * stride + row];
    if (scales != nullptr) value = scaled(value, scales[c]);
    const double product = value * weights[c];
    sum += product;
  }
  z[row] = sum + intercept;
}

// A slab of rows on its way through the device, with a stream of its own.
struct Lane {
  Lane(std::int64_t rows, std::int64_t columns)
      : x(rows * columns, stream.get()),
        z(rows, stream.get()),
        x_on_host(rows * columns),
        z_on_host(rows) {}
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  /// Waits for the copies that are queued: the buffers go, also when something was thrown.
  ~Lane() { (void)cudaStreamSynchronize(stream.get()); }

  Stream stream;
  DeviceBuffer<double> x;
  DeviceBuffer<double> z;
  PinnedBuffer<double> x_on_host;
  PinnedBuffer<double> z_on_host;
};

// Two slabs of at most 8 MB: long copies come near the bus's speed, longer ones only take memory.
std::int64_t rows_of_a_slab(std::int64_t rows, std::int64_t columns, std::int64_t device_memory) {
  constexpr std::int64_t preferred_bytes = std::int64_t{8} << 20;
  const std::int64_t of_a_row = (columns + 1) * bytes_of_a_cell;
  const std::int64_t fit = std::min(usable_memory(device_memory) / 2, preferred_bytes) / of_a_row;
  const std::int64_t blocks = std::max<std::int64_t>(fit / threads_per_block, 1);
  return std::min(blocks, pieces(rows, threads_per_block)) * threads_per_block;
}

}  // namespace

void decide_rows(const DeviceColumns<const double>& x, const double* weights, double intercept,
                 const ColumnScale* scales, double* z, cudaStream_t stream) {
  if (x.rows == 0) return;
  launch({pieces(x.rows, threads_per_block)}, stream, decide_rows_kernel, x.cells, x.rows,
         x.columns, x.stride, weights, intercept, scales, z);
}

void decision_function(std::span<const double* const> columns, const LinearModel& model,
                       std::span<double> z, std::int64_t device_memory) {
  const std::int64_t rows = std::ssize(z);
  const std::int64_t width = std::ssize(columns);
  if (rows == 0) return;
  const Stream stream;
  const DeviceBuffer<double> weights(model.weights, stream.get());  // waits, as the next one does
  const DeviceBuffer<ColumnScale> scales(model.scales, stream.get());
  const std::int64_t slab = rows_of_a_slab(rows, width, device_memory);
  const std::int64_t slabs = pieces(rows, slab);
  std::array lanes{Lane(slab, width), Lane(slabs > 1 ? slab : 0, width)};

  // While the device works on one slab, the host stores the result before it and sends the next.
  for (std::int64_t index = 0; index < slabs + 2; ++index) {
    Lane& lane = lanes[static_cast<std::size_t>(index % 2)];
    lane.stream.wait();
    if (index >= 2) {
      const std::int64_t first = (index - 2) * slab;
      std::copy_n(lane.z_on_host.span().data(), std::min(slab, rows - first), z.data() + first);
    }
    if (index >= slabs) continue;
    const std::int64_t first = index * slab;
    const std::int64_t count = std::min(slab, rows - first);
    double* out = lane.x_on_host.span().data();
    for (const double* column : columns) out = std::copy_n(column + first, count, out);
    lane.x.copy_from(lane.x_on_host.span().first(static_cast<std::size_t>(count * width)));
    decide_rows({lane.x.data(), count, width, count}, weights.data(), model.intercept,
                scales.data(), lane.z.data(), lane.stream.get());
    lane.z.copy_to(lane.z_on_host.span().first(static_cast<std::size_t>(count)));
  }
}

}  // namespace gradstep::cuda
