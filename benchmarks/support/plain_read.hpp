#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/row_blocks.hpp"

namespace gradstep::bench {

/// Adds up as fast as the values come.
inline double sum_of(const double* values, std::int64_t count) {
  std::array<double, 32> sums{};  // in registers, enough of them to hide the additions' latency
  const std::int64_t even = count / 32 * 32;
  for (std::int64_t i = 0; i < even; i += 32)
    for (std::size_t k = 0; k < 32; ++k) sums[k] += values[i + static_cast<std::int64_t>(k)];
  double sum = 0;
  for (const double part : sums) sum += part;
  for (std::int64_t i = even; i < count; ++i) sum += values[i];
  return sum;
}

/// The yardstick: reads float64 rows as the solvers do, in blocks on `threads` threads, and only
/// adds them up.
inline void read_plainly(const RowBlocks& rows, int threads) {
  double total = 0;
  std::vector<double> sums(static_cast<std::size_t>(threads));
  rows.for_each(
      threads,
      [&](const RowBlock& block, int worker) {
        double sum = 0;
        for (const double* column : block.float64) sum += sum_of(column, block.rows);
        sums[static_cast<std::size_t>(worker)] = sum;
      },
      [&](std::int64_t, int worker) { total += sums[static_cast<std::size_t>(worker)]; });
  benchmark::DoNotOptimize(total);
}

/// The fastest of some plain reads, measured once for each shape and number of threads.
inline double seconds_of_a_plain_read(const RowBlocks& rows, int threads) {
  using Clock = std::chrono::steady_clock;
  static std::array<std::int64_t, 3> measured{};
  static double seconds = 0;
  const std::array now{rows.rows(), rows.cols(), std::int64_t{threads}};
  if (measured == now) return seconds;
  measured = now;
  seconds = 1e9;
  for (int k = 0; k < 20; ++k) {
    const auto start = Clock::now();
    read_plainly(rows, threads);
    seconds = std::min(seconds, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return seconds;
}

/// Reports of_plain_read: the speed beside a plain read of as many bytes as are counted.
///
/// @param rows   as they were read
/// @param reads  how many times their bytes an iteration counts
inline void compare_with_plain_read(benchmark::State& state, const RowBlocks& rows, int threads,
                                    double reads = 1) {
  state.counters["of_plain_read"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * reads * seconds_of_a_plain_read(rows, threads),
      benchmark::Counter::kIsRate);
}

}  // namespace gradstep::bench
