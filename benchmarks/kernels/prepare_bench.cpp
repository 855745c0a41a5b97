// prepare, as a step sees it: the mask and range in one read, compaction and scaling in another
// read and a write. Bytes counted: 24 per cell read, read again and written. Hot for the small
// table, cold for the large one. Refilling the table is not timed. of_plain_read: the speed beside
// reading as many bytes and adding them up.

#include "kernels/prepare.hpp"

#include <benchmark/benchmark.h>

#include <vector>

#include "benchmarks/support/plain_read.hpp"
#include "benchmarks/support/table_with_gaps.hpp"

namespace {

using gradstep::PrepareColumn;
using gradstep::bench::TableWithGaps;

void prepare(benchmark::State& state, gradstep::Backend backend) {
  if (!gradstep::available(backend)) return state.SkipWithError("no CUDA device");
  const auto rows = static_cast<std::size_t>(state.range(0));
  const auto threads = static_cast<int>(state.range(1));
  const TableWithGaps original(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<std::vector<double>> columns = original.columns;
    std::vector<PrepareColumn> views;
    for (auto& column : columns) views.push_back({.values = column.data(), .scale = true});
    std::vector<std::uint8_t> keep(rows, 1);
    state.ResumeTiming();
    benchmark::DoNotOptimize(gradstep::prepare(views, {}, keep, true, threads, backend));
  }
  const auto cells = state.range(0) * static_cast<std::int64_t>(TableWithGaps::cols);
  state.SetBytesProcessed(state.iterations() * cells * 24);
  if (backend == gradstep::Backend::cpu)
    gradstep::bench::compare_with_plain_read(state, original.rows(), threads, 3);
}
BENCHMARK_CAPTURE(prepare, cpu, gradstep::Backend::cpu)->Apply(gradstep::bench::shapes);

// As a step sees it: from host memory to host memory. Without a GPU these report an error;
// --benchmark_filter=cpu leaves them out.
BENCHMARK_CAPTURE(prepare, cuda, gradstep::Backend::cuda)
    ->ArgNames({"rows", "threads"})
    ->ArgsProduct({{10'000, 1'000'000, 10'000'000}, {1}})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
