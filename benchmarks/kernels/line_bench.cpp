// What the ways to use threads and memory cost at the least: an assembly line (run_in_order) whose
// stages do nothing, and a plain read of float64 (summed) by its size, from what fits into a core's
// cache to what fits into none.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include "benchmarks/support/plain_read.hpp"
#include "kernels/core/parallel.hpp"

namespace {

void empty_line(benchmark::State& state) {
  const auto nothing = [](std::int64_t, int) {};
  for (auto _ : state)
    gradstep::run_in_order(static_cast<int>(state.range(0)),
                           {[end = state.range(1)](std::int64_t index, int) { return index < end; },
                            nothing, nothing});
}
BENCHMARK(empty_line)
    ->ArgNames({"threads", "items"})
    ->ArgsProduct({{1, 2, 4, 8, 16}, {0, 1000}})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

void plain_read(benchmark::State& state) {
  const std::int64_t rows = state.range(0) / 8;
  const std::vector<double> values(static_cast<std::size_t>(rows), 1.0);
  const gradstep::ColumnsInMemory<double> column({values.data()}, rows);
  for (auto _ : state) gradstep::bench::read_plainly(column, static_cast<int>(state.range(1)));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

// 1, 2, 4 ... and as many as the hardware has.
std::vector<std::int64_t> useful_threads() {
  return benchmark::CreateRange(1, std::max<std::int64_t>(1, std::thread::hardware_concurrency()),
                                2);
}
BENCHMARK(plain_read)
    ->ArgNames({"bytes", "threads"})
    ->ArgsProduct({{1 << 20, 1 << 25, 1 << 28, std::int64_t{1} << 31}, useful_threads()})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
