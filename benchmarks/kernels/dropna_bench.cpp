// dropna: the mask of rows without a missing value, and the compaction by it. Bytes counted: 8 per
// cell read for the mask, 16 per cell read and written for the compaction, which does the same work
// over and over since the mask stays. of_plain_read: the speed beside reading as many bytes and
// adding them up. Hot for the small table.

#include "kernels/dropna.hpp"

#include <benchmark/benchmark.h>

#include <bit>
#include <vector>

#include "benchmarks/support/table_with_gaps.hpp"

namespace {

using gradstep::Backend;
using gradstep::bench::TableWithGaps;

void drop_missing_rows(benchmark::State& state) {
  const TableWithGaps table(state.range(0));
  const std::vector<const double*> columns = table.views();
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(state.range(0)), 1);
  const auto threads = static_cast<int>(state.range(1));
  for (auto _ : state)
    benchmark::DoNotOptimize(gradstep::drop_missing_rows(columns, keep, threads, Backend::cpu));
  table.count_bytes(state, 8);
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
  table.count_bytes(state, 16);
}

BENCHMARK(drop_missing_rows)->Name("drop_missing_rows/cpu")->Apply(gradstep::bench::shapes);
BENCHMARK(compact_rows)->Name("compact_rows/cpu")->Apply(gradstep::bench::shapes);

}  // namespace
