// prepare, as a step sees it: the mask and range in one read, compaction and scaling in another
// read and a write. Bytes counted: 24 per cell read, read again and written. Hot for the small
// table, cold for the large one. Refilling the table is not timed.

#include "kernels/prepare.hpp"

#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

namespace {

using gradstep::PrepareColumn;

constexpr std::size_t cols = 10;

// One missing cell in a hundred, in three of the columns.
std::vector<std::vector<double>> table_of(std::size_t rows) {
  std::mt19937_64 random(20261123);
  std::vector<std::vector<double>> columns(cols, std::vector<double>(rows));
  for (std::size_t c = 0; c < cols; ++c)
    for (double& value : columns[c])
      value = c < 3 && random() % 100 == 0 ? std::nan("") : static_cast<double>(random() % 1000);
  return columns;
}

void prepare(benchmark::State& state, gradstep::Backend backend) {
  if (!gradstep::available(backend)) return state.SkipWithError("no CUDA device");
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto threads = static_cast<int>(state.range(1));
  const std::vector<std::vector<double>> original = table_of(rows);
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<std::vector<double>> columns = original;
    std::vector<PrepareColumn> views;
    for (auto& column : columns) views.push_back({.values = column.data(), .scale = true});
    std::vector<std::uint8_t> keep(rows, 1);
    state.ResumeTiming();
    benchmark::DoNotOptimize(gradstep::prepare(views, {}, keep, true, threads, backend));
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * static_cast<std::int64_t>(cols) *
                          24);
}
BENCHMARK_CAPTURE(prepare, cpu, gradstep::Backend::cpu)
    ->ArgNames({"rows", "threads"})
    ->ArgsProduct({{10'000, 1'000'000}, {1, 2}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

// As a step sees it: from host memory to host memory. Without a GPU these report an error;
// --benchmark_filter=cpu leaves them out.
BENCHMARK_CAPTURE(prepare, cuda, gradstep::Backend::cuda)
    ->ArgNames({"rows", "threads"})
    ->ArgsProduct({{10'000, 1'000'000, 10'000'000}, {1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
