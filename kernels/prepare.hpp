#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/backend.hpp"
#include "kernels/minmax.hpp"

namespace gradstep {

/// A float64 column that prepare() looks into.
struct PrepareColumn {
  double* values = nullptr;  ///< length n
  bool scale = false;        ///< min-max scale it
  bool drops_rows = true;    ///< a NaN here drops the row (when missing rows are dropped at all)
};

/// What prepare() did.
struct Prepared {
  std::int64_t rows = 0;            ///< rows kept, now the first of every column
  std::vector<ColumnScale> scales;  ///< one per column with scale set, in their order
  bool infinite = false;            ///< a scaled column holds an infinity; see prepare()
};

/// Drops the rows with a missing value and min-max scales columns, in place, order kept: what
/// drop_missing_rows, column_minmax, compact_rows and scale_columns do one after the other, in one
/// read of the data and one read and write.
///
/// @param columns       float64 columns, each of keep.size() rows
/// @param other_cells   columns of 8-byte cells to be compacted along, not looked into
/// @param keep          in and out, length n: in: 0 = drop the row anyway; out: the rows kept
/// @param drop_missing  false: no row is dropped for a NaN; NaN stays NaN and extremes ignore it
/// @return rows kept; scales. A scaled column without any number has NaN for all four.
///     When a kept row of a scaled column holds an infinity there is no scale: `infinite` is set,
///     that column's minimum or maximum is infinite, `keep` is final, and no cell has been changed,
///     so the caller can search the column for the row and name it.
/// @param device_memory  as in SolverOptions; rows that do not fit are copied to a GPU twice
/// @throws BackendUnavailable  when `backend` cannot run here
///
/// Work: reads each float64 cell once, then reads and writes each kept cell once.
/// Agreement: same bits for any `threads` and on every backend.
/// Source: pandas 3.1, DataFrame.dropna; scikit-learn 1.9, MinMaxScaler.
Prepared prepare(std::span<const PrepareColumn> columns,
                 std::span<std::uint64_t* const> other_cells, std::span<std::uint8_t> keep,
                 bool drop_missing, int threads, Backend backend, std::int64_t device_memory = 0);

namespace cuda {
/// The device half: host memory in, host memory out. In prepare.cu, or cuda/unavailable.cpp.
Prepared prepare(std::span<const PrepareColumn> columns,
                 std::span<std::uint64_t* const> other_cells, std::span<std::uint8_t> keep,
                 bool drop_missing, std::int64_t device_memory);
}  // namespace cuda

}  // namespace gradstep
