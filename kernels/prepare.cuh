#pragma once

#include <cstdint>

#include "kernels/dropna.cuh"
#include "kernels/minmax.cuh"

namespace gradstep::cuda {

/// What the first sweep does with which columns. Their order says it, so no flags are read:
/// [0, measured_only): extremes are found, a NaN drops nothing
/// [measured_only, measured): extremes are found, a NaN drops the row
/// [measured, looked_at): a NaN drops the row
/// [looked_at, ...): left alone
struct Roles {
  std::int64_t measured_only = 0;
  std::int64_t measured = 0;
  std::int64_t looked_at = 0;
};

/// Columns of which one read finds both the mask and the extremes, at most: the smallest tile, of 4
/// rows, has to fit shared memory.
inline constexpr std::int64_t most_columns_of_one_read = 873;

/// Drops rows with a missing value, counts those kept, and finds their extremes. Queues.
///
/// @param keep           in and out, length x.rows: cleared where the row is dropped
/// @param kept_of_block  out: kept rows of each block of rows
/// @param parts          scratch: roles.measured * min(blocks of rows, most_blocks) values
/// @param extremes       in and out: roles.measured, widened by the kept rows
/// @param most_blocks    of the grid; a few, in tests, give every block several blocks of rows
///
/// Work: reads the columns looked at once, and twice those measured when they are more than
/// most_columns_of_one_read; reads 1 B per row, writes 1 B per dropped row.
void look_at_rows(const DeviceColumns<const double>& x, const Roles& roles, std::uint8_t* keep,
                  std::int64_t* kept_of_block, Extremes* parts, Extremes* extremes,
                  cudaStream_t stream, std::int64_t most_blocks = most_parts);

}  // namespace gradstep::cuda
