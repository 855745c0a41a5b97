// minmax: the range of each column over the kept rows, and the scaling. Bytes counted: 8 per cell
// read for the range, 16 per cell read and written for the scaling. of_plain_read: the speed beside
// reading as many bytes and adding them up. Hot for the small table.

#include "kernels/minmax.hpp"

#include <benchmark/benchmark.h>

#include <vector>

#include "benchmarks/support/table_with_gaps.hpp"

namespace {

using gradstep::Backend;
using gradstep::ColumnScale;
using gradstep::bench::TableWithGaps;

void column_minmax(benchmark::State& state) {
  const TableWithGaps table(state.range(0));
  const std::vector<const double*> columns = table.views();
  const std::vector<std::uint8_t> keep(static_cast<std::size_t>(state.range(0)), 1);
  std::vector<ColumnScale> scales(TableWithGaps::cols);
  const auto threads = static_cast<int>(state.range(1));
  for (auto _ : state) gradstep::column_minmax(columns, keep, scales, threads, Backend::cpu);
  table.count_bytes(state, 8);
}

void scale_columns(benchmark::State& state) {
  TableWithGaps table(state.range(0));
  std::vector<double*> columns;
  columns.reserve(TableWithGaps::cols);
  for (auto& column : table.columns) columns.push_back(column.data());
  // To themselves, so that the values stay what they are however often.
  const std::vector<ColumnScale> scales(TableWithGaps::cols, {0, 1, 1, 0});
  const auto threads = static_cast<int>(state.range(1));
  for (auto _ : state)
    gradstep::scale_columns(columns, state.range(0), scales, threads, Backend::cpu);
  table.count_bytes(state, 16);
}

BENCHMARK(column_minmax)->Name("column_minmax/cpu")->Apply(gradstep::bench::shapes);
BENCHMARK(scale_columns)->Name("scale_columns/cpu")->Apply(gradstep::bench::shapes);

}  // namespace
