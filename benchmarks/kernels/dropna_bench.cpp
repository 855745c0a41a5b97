// dropna: the mask of rows without a missing value, and the compaction by it. Bytes counted: 8 per
// cell read for the mask, 16 per cell read and written for the compaction, which does the same work
// over and over since the mask stays. of_plain_read: the speed beside reading as many bytes and
// adding them up. Hot for the small table.

#include "kernels/dropna.hpp"

#include <benchmark/benchmark.h>

#include <bit>
#include <vector>

#include "benchmarks/support/plain_read.hpp"
#include "benchmarks/support/table_with_gaps.hpp"

namespace {

using gradstep::Backend;
using gradstep::bench::TableWithGaps;

void count_bytes(benchmark::State& state, const TableWithGaps& table, int bytes_of_a_cell) {
  const auto cells = state.range(0) * static_cast<std::int64_t>(TableWithGaps::cols);
  state.SetBytesProcessed(state.iterations() * cells * bytes_of_a_cell);
  gradstep::bench::compare_with_plain_read(state, table.rows(), static_cast<int>(state.range(1)),
                                           bytes_of_a_cell / 8.0);
}

void drop_missing_rows(benchmark::State& state) {
  const TableWithGaps table(state.range(0));
  const std::vector<const double*> columns = table.views();
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(state.range(0)), 1);
  const auto threads = static_cast<int>(state.range(1));
  for (auto _ : state)
    benchmark::DoNotOptimize(gradstep::drop_missing_rows(columns, keep, threads, Backend::cpu));
  count_bytes(state, table, 8);
}

void compact_rows(benchmark::State& state) {
  const TableWithGaps table(state.range(0));
  const auto threads = static_cast<int>(state.range(1));
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(state.range(0)), 1);
  static_cast<void>(gradstep::drop_missing_rows(table.views(), keep, threads, Backend::cpu));
  std::vector<std::vector<std::uint64_t>> cells;
  std::vector<std::uint64_t*> columns;
  cells.reserve(TableWithGaps::cols);
  columns.reserve(TableWithGaps::cols);
  for (const auto& column : table.columns) {
    std::vector<std::uint64_t>& bits = cells.emplace_back();
    bits.reserve(column.size());
    for (const double value : column) bits.push_back(std::bit_cast<std::uint64_t>(value));
    columns.push_back(bits.data());
  }
  for (auto _ : state)
    benchmark::DoNotOptimize(gradstep::compact_rows(columns, keep, threads, Backend::cpu));
  count_bytes(state, table, 16);
}

void shapes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"rows", "threads"})
      ->ArgsProduct({{10'000, 1'000'000}, {1, 2}})
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}
BENCHMARK(drop_missing_rows)->Name("drop_missing_rows/cpu")->Apply(shapes);
BENCHMARK(compact_rows)->Name("compact_rows/cpu")->Apply(shapes);

}  // namespace
