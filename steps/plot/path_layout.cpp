#include "steps/plot/path_layout.hpp"

#include <algorithm>
#include <cmath>

namespace gradstep::plot {

Range range_of(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {*least, *most};
}

Range widened(Range range, double share, double width_of_none) {
  const double width = range.most - range.least;
  const double more = width > 0 ? share * width : width_of_none / 2;
  return {range.least - more, range.most + more};
}

Range rate_axis(Range decades) {
  if (decades.most - decades.least < 2) {
    const Range whole{std::floor(decades.least), std::ceil(decades.most)};
    decades = whole.least < whole.most ? whole : widened(whole, 0, 2);
  }
  return widened(decades, 0.04, 0);
}

int decades_a_tick(Range axis) {
  constexpr double most_ticks = 10;
  const double decades = std::floor(axis.most) - std::ceil(axis.least);
  return std::max(1, static_cast<int>(std::ceil(decades / most_ticks)));
}

Range score_axis(Range scores) {
  Range axis = widened(scores, 0.06, 0.01);
  axis.most += 0.18 * (axis.most - axis.least);
  return axis;
}

bool drawn_as_band(std::int64_t rates) { return rates >= 60; }

double end_of_area(double legend_width) { return std::clamp(0.98 - legend_width, 0.35, 0.66); }

}  // namespace gradstep::plot
