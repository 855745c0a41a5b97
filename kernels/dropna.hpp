#pragma once

#include <cstdint>
#include <span>

#include "kernels/core/backend.hpp"

namespace gradstep {

/// Clears `keep` for every row in which one of the columns holds NaN.
///
/// @param columns  float64 columns, each of keep.size() rows
/// @param keep     in and out, length n: 0 = the row is dropped; only ever cleared, never set
/// @return the number of rows still kept
/// @throws BackendUnavailable  when `backend` cannot run here
///
/// Work: reads 8 B per row and column, reads and writes 1 B per row. Same result for any `threads`.
/// Source: pandas 3.1, DataFrame.dropna(how="any").
std::int64_t drop_missing_rows(std::span<const double* const> columns, std::span<std::uint8_t> keep,
                               int threads, Backend backend);

/// Moves the kept rows of each column to its front, in order and in place; what lies behind them
/// is unspecified. Cells are opaque 8-byte values (double, int64, uint64 alike).
///
/// @param columns  each of keep.size() cells
/// @param keep     length n: 0 = drop
/// @return the number of rows kept
/// @throws BackendUnavailable  when `backend` cannot run here
///
/// Work: one read and one write of what is kept, 8 B per cell; columns are done in parallel.
std::int64_t compact_rows(std::span<std::uint64_t* const> columns,
                          std::span<const std::uint8_t> keep, int threads, Backend backend);

namespace cuda {
/// The device halves: host memory in, host memory out. In dropna.cu, or cuda/unavailable.cpp.
std::int64_t drop_missing_rows(std::span<const double* const> columns,
                               std::span<std::uint8_t> keep);
std::int64_t compact_rows(std::span<std::uint64_t* const> columns,
                          std::span<const std::uint8_t> keep);
}  // namespace cuda

}  // namespace gradstep
