// The sweeps of prepare alone: the cells are on the device, events take the time. Bytes counted: 8
// per cell read in the first sweep, 16 per cell read and written in the second; compare with the
// memory's bandwidth.

#include <benchmark/benchmark.h>

#include <vector>

#include "benchmarks/support/device_time.cuh"
#include "kernels/core/backend.hpp"
#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/stream.cuh"
#include "kernels/prepare.cuh"

namespace {

using namespace gradstep::cuda;  // NOLINT(google-build-using-namespace): a program of its own

// A table of ones, all rows kept, on the device.
struct Table {
  explicit Table(const benchmark::State& state)
      : rows(state.range(0)),
        cols(state.range(1)),
        blocks(pieces(rows, rows_of_a_block)),
        cells(std::vector<double>(static_cast<std::size_t>(rows * cols), 1.0), stream.get()),
        keep(std::vector<std::uint8_t>(static_cast<std::size_t>(rows), 1), stream.get()),
        kept(std::vector<std::int64_t>(static_cast<std::size_t>(blocks + 1)), stream.get()) {}

  [[nodiscard]] DeviceColumns<const double> x() const { return {cells.data(), rows, cols, rows}; }

  Stream stream;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t blocks;
  DeviceBuffer<double> cells;
  DeviceBuffer<std::uint8_t> keep;
  DeviceBuffer<std::int64_t> kept;
};

// Times what `queue` queues on the table's stream.
template <class Queue>
void time_of(benchmark::State& state, const Table& table, std::int64_t bytes_of_a_cell,
             const Queue& queue) {
  const gradstep::bench::TimedEvent start;
  const gradstep::bench::TimedEvent stop;
  for (auto _ : state) {
    start.record(table.stream.get());
    queue();
    stop.record(table.stream.get());
    state.SetIterationTime(stop.seconds_since(start));
  }
  state.SetBytesProcessed(state.iterations() * table.rows * table.cols * bytes_of_a_cell);
}

void look_at_rows_cuda(benchmark::State& state) {
  const Table table(state);
  const DeviceBuffer<gradstep::Extremes> parts(table.cols * most_parts, table.stream.get());
  const DeviceBuffer<gradstep::Extremes> extremes(
      std::vector<gradstep::Extremes>(static_cast<std::size_t>(table.cols)), table.stream.get());
  const Roles roles{.measured_only = 0, .measured = table.cols, .looked_at = table.cols};
  time_of(state, table, 8, [&] {
    look_at_rows(table.x(), roles, table.keep.data(), table.kept.data(), parts.data(),
                 extremes.data(), table.stream.get());
  });
}

void compact_and_scale_cuda(benchmark::State& state) {
  const Table table(state);
  std::vector<std::int64_t> before(static_cast<std::size_t>(table.blocks));
  for (std::size_t b = 0; b < before.size(); ++b)
    before[b] = static_cast<std::int64_t>(b) * rows_of_a_block;
  const DeviceBuffer<std::int64_t> kept_before(before, table.stream.get());
  const DeviceBuffer<gradstep::ColumnScale> scales(
      std::vector<gradstep::ColumnScale>(static_cast<std::size_t>(table.cols), {0, 1, 1, 0}),
      table.stream.get());
  const DeviceBuffer<double> out(table.rows * table.cols, table.stream.get());
  time_of(state, table, 16, [&] {
    compact_and_scale(table.x(), table.keep.data(), kept_before.data(), scales.data(), table.cols,
                      {out.data(), table.rows, table.cols, table.rows}, table.stream.get());
  });
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
  benchmark::RegisterBenchmark("look_at_rows/cuda/device", look_at_rows_cuda)->Apply(shapes);
  benchmark::RegisterBenchmark("compact_and_scale/cuda/device", compact_and_scale_cuda)
      ->Apply(shapes);
  return true;
}();

}  // namespace
