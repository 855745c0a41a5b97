// The fused pass alone: X is on the device, events take the time. Bytes counted: 8 per element of X
// and pass: compare with the memory's bandwidth, which many models do not reach, since their
// products take longer. X is larger than every cache but for the 7,000 rows.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "benchmarks/support/device_time.cuh"
#include "kernels/core/backend.hpp"
#include "kernels/cuda/device_buffer.cuh"
#include "kernels/logistic.cuh"
#include "tests/support/random_rows.hpp"

namespace {

using gradstep::cuda::DeviceBuffer;
using gradstep::cuda::Slot;

void loss_and_gradient_cuda(benchmark::State& state) {
  const std::int64_t rows = state.range(0);
  const std::int64_t cols = state.range(1);
  const auto models = static_cast<int>(state.range(2));
  const gradstep::test::RandomRows data(rows, cols);
  const gradstep::ColumnsInMemory<double> x = data.rows();
  const std::vector<gradstep::Model> all(static_cast<std::size_t>(models), {.reg = 1});
  const gradstep::cuda::DeviceSums sums_of({&x, data.class_of_row, {}, {}, all}, 0);
  const cudaStream_t stream = sums_of.stream();
  Slot slot = sums_of.slot_of(all[0]);
  slot.active = 1;
  const DeviceBuffer<Slot> slots(std::vector<Slot>(static_cast<std::size_t>(models), slot), stream);
  const DeviceBuffer<double> points(
      std::vector<double>(static_cast<std::size_t>(models * (cols + 1)), 0.1), stream);
  const DeviceBuffer<double> sums(models * (cols + 2), stream);

  const gradstep::bench::TimedEvent start;
  const gradstep::bench::TimedEvent stop;
  for (auto _ : state) {
    start.record(stream);
    sums_of.queue_loss_and_gradient(points.data(), slots.data(), models, sums.data());
    stop.record(stream);
    state.SetIterationTime(stop.seconds_since(start));
  }
  state.SetBytesProcessed(state.iterations() * rows * cols * 8);
}

[[maybe_unused]] const bool has_cuda = [] {
  if (!gradstep::available(gradstep::Backend::cuda)) return false;
  benchmark::RegisterBenchmark("loss_and_gradient/cuda/device", loss_and_gradient_cuda)
      ->ArgNames({"rows", "cols", "models"})
      ->ArgsProduct({{7'000}, {8}, {1, 8, 160}})
      ->ArgsProduct({{1'000'000, 10'000'000}, {8, 28}, {1, 8, 32, 160}})
      ->ArgsProduct({{1'000'000}, {130}, {1, 8, 32, 160}})
      ->Unit(benchmark::kMicrosecond)
      ->UseManualTime();
  return true;
}();

}  // namespace
