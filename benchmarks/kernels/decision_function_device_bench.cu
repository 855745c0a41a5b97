// decide_rows alone: the cells are on the device, events take the time. Bytes counted: 8 per cell
// read and 8 per row written; compare with the memory's bandwidth.

#include <benchmark/benchmark.h>

#include <vector>

#include "benchmarks/support/device_time.cuh"
#include "kernels/core/backend.hpp"
#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/stream.cuh"
#include "kernels/decision_function.cuh"

namespace {

using namespace gradstep::cuda;  // NOLINT(google-build-using-namespace): a program of its own

std::vector<double> ones(std::int64_t count) {
  return std::vector<double>(static_cast<std::size_t>(count), 1.0);
}

void time_decide_rows(benchmark::State& state, bool scaled) {
  const std::int64_t rows = state.range(0);
  const std::int64_t cols = state.range(1);
  const Stream stream;
  const DeviceBuffer<double> x(ones(rows * cols), stream.get());
  const DeviceBuffer<double> weights(ones(cols), stream.get());
  const DeviceBuffer<gradstep::ColumnScale> scales(
      std::vector<gradstep::ColumnScale>(static_cast<std::size_t>(cols), {0, 1, 1, 0}),
      stream.get());
  const DeviceBuffer<double> z(rows, stream.get());
  const gradstep::bench::TimedEvent start;
  const gradstep::bench::TimedEvent stop;
  for (auto _ : state) {
    start.record(stream.get());
    decide_rows({x.data(), rows, cols, rows}, weights.data(), 1.0, scaled ? scales.data() : nullptr,
                z.data(), stream.get());
    stop.record(stream.get());
    state.SetIterationTime(stop.seconds_since(start));
  }
  state.SetBytesProcessed(state.iterations() * rows * (cols + 1) * 8);
}

[[maybe_unused]] const bool has_cuda = [] {
  if (!gradstep::available(gradstep::Backend::cuda)) return false;
  const auto shapes = [](benchmark::internal::Benchmark* bench) {
    bench->ArgNames({"rows", "cols"})
        ->ArgsProduct({{10'000, 1'000'000, 10'000'000}, {8, 28}})
        ->ArgsProduct({{1'000'000}, {130}})
        ->Unit(benchmark::kMicrosecond)
        ->UseManualTime();
  };
  benchmark::RegisterBenchmark("decide_rows/cuda/device", time_decide_rows, false)->Apply(shapes);
  benchmark::RegisterBenchmark("decide_rows/cuda/device/scaled", time_decide_rows, true)
      ->Apply(shapes);
  return true;
}();

}  // namespace
