#pragma once

#include <cstdint>
#include <vector>

namespace gradstep::plot {

// Where things go in the pictures of a cross-validation. Knows nothing of PLplot.

struct Range {
  double least = 0;
  double most = 0;
};

[[nodiscard]] Range range_of(const std::vector<double>& values);  ///< @param values  one or more

/// Wider by a share of its width at each end; without width, it becomes as wide as `width_of_none`.
[[nodiscard]] Range widened(Range range, double share, double width_of_none);

/// The axis of rates whose common logarithms go from one end of `decades` to the other: whole
/// decades where there are fewer than two, so that two numbers stand below it, and a margin.
[[nodiscard]] Range rate_axis(Range decades);

/// From one number of that axis to the next, in decades: ten numbers or so have room.
[[nodiscard]] int decades_a_tick(Range axis);

/// The axis of scores, with room for a legend above them.
[[nodiscard]] Range score_axis(Range scores);

/// So many rates have no room for a dot and a bar each.
[[nodiscard]] bool drawn_as_band(std::int64_t rates);

/// Where the plotting area ends, so that a legend as wide as this fits to its right: shares of the
/// picture's width.
[[nodiscard]] double end_of_area(double legend_width);

}  // namespace gradstep::plot
