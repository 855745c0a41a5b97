#pragma once

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "benchmarks/support/plain_read.hpp"
#include "kernels/row_blocks.hpp"

namespace gradstep::bench {

/// Ten float64 columns of fixed seed; three of them miss one cell in a hundred.
struct TableWithGaps {
  static constexpr std::size_t cols = 10;
  std::vector<std::vector<double>> columns;

  explicit TableWithGaps(std::int64_t rows)
      : columns(cols, std::vector<double>(static_cast<std::size_t>(rows))) {
    std::mt19937_64 random(20261123);
    for (std::size_t c = 0; c < cols; ++c)
      for (double& value : columns[c])
        value = c < 3 && random() % 100 == 0 ? std::nan("") : static_cast<double>(random() % 1000);
  }

  [[nodiscard]] std::vector<const double*> views() const {
    std::vector<const double*> views;
    views.reserve(cols);
    for (const auto& column : columns) views.push_back(column.data());
    return views;
  }

  [[nodiscard]] ColumnsInMemory<double> rows() const {
    return {views(), std::ssize(columns.front())};
  }

  /// Reports bytes/s and of_plain_read, of 8 bytes a cell or a multiple of them. The second of the
  /// case's arguments is its threads.
  void count_bytes(benchmark::State& state, int bytes_of_a_cell) const {
    const auto cells = std::ssize(columns.front()) * static_cast<std::int64_t>(cols);
    state.SetBytesProcessed(state.iterations() * cells * bytes_of_a_cell);
    compare_with_plain_read(state, rows(), static_cast<int>(state.range(1)), bytes_of_a_cell / 8.0);
  }
};

/// A small table and a large one, on one thread and on two.
inline void shapes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"rows", "threads"})
      ->ArgsProduct({{10'000, 1'000'000}, {1, 2}})
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

}  // namespace gradstep::bench
