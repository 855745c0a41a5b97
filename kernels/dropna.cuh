#pragma once

#include <cstdint>

#include "kernels/cuda/launch.cuh"
#include "kernels/minmax.hpp"

namespace gradstep::cuda {

/// Columns of 8-byte cells in device memory: row i of column c is cells[c * stride + i]. Does not
/// own. int64 and uint64 cells go as double: a load and a store keep any bits.
template <class Cell>
struct DeviceColumns {
  Cell* cells;
  std::int64_t rows;
  std::int64_t columns;
  std::int64_t stride;
};

/// Rows whose kept ones are counted together: a thread each.
inline constexpr std::int64_t rows_of_a_block = threads_per_block;

/// Turns the counts of kept rows per block of rows into the number of rows kept before each block,
/// in place. Queues; the few bytes that it takes for itself may make the host wait.
///
/// @param kept  blocks + 1 values; the last, whose count is 0, becomes the number of rows kept
void add_up_blocks(std::int64_t* kept, std::int64_t blocks, cudaStream_t stream);

/// Moves the kept rows of every column to `out`, order kept, the first columns scaled. Queues.
///
/// @param keep         length x.rows: 0 = dropped
/// @param kept_before  one a block of rows, as add_up_blocks() leaves them; the first may be any
///                     number: it is taken off
/// @param scales       one for each of the first `scaled` columns; may be null when there is none
/// @param out          as many columns as x; overlaps nothing
///
/// Work: reads each kept cell once and writes it once; per 32 columns 1 B read per row.
void compact_and_scale(const DeviceColumns<const double>& x, const std::uint8_t* keep,
                       const std::int64_t* kept_before, const ColumnScale* scales,
                       std::int64_t scaled, const DeviceColumns<double>& out, cudaStream_t stream);

}  // namespace gradstep::cuda
