#include "steps/plot/draw_path.hpp"

#include <plplot/plplot.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

#include "steps/plot/path_layout.hpp"

namespace gradstep::plot {
namespace {

constexpr const char* rate_label = "Regularisation rate (1/C)";

std::vector<double> decades(const PathPictures& pictures) {
  std::vector<double> x(pictures.rates, pictures.rates + pictures.rate_count);
  for (double& rate : x) rate = std::log10(rate);
  return x;
}

void mark_chosen(Canvas& canvas, const std::vector<double>& x, std::int64_t chosen,
                 const Range& y) {
  const double at = x[static_cast<std::size_t>(chosen)];
  canvas.ink(Ink::reference);
  canvas.pen(1.5);
  canvas.dashed_line({at, at}, {y.least, y.most});
}

LegendLine chosen_line(const PathPictures& pictures) {
  return {with_digits("Chosen rate: %.4g", pictures.rates[pictures.chosen]), Ink::reference, true};
}

void draw_bars(Canvas& canvas, const std::vector<double>& x, const std::vector<double>& low,
               const std::vector<double>& high, double half_a_cap) {
  canvas.ink(Ink::line);
  canvas.pen(1);
  for (std::size_t r = 0; r < x.size(); ++r) {
    canvas.line({x[r], x[r]}, {low[r], high[r]});
    for (const double end : {low[r], high[r]})
      canvas.line({x[r] - half_a_cap, x[r] + half_a_cap}, {end, end});
  }
}

/// The features with the largest coefficients at the rate chosen, as many as there are inks.
std::vector<std::int64_t> largest_features(const PathPictures& pictures) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(pictures.feature_count));
  std::iota(order.begin(), order.end(), 0);
  const auto size_of = [&](std::int64_t feature) {
    return std::abs(pictures.coefficients[feature * pictures.rate_count + pictures.chosen]);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return size_of(a) > size_of(b); });
  order.resize(std::min(order.size(), static_cast<std::size_t>(series_inks)));
  return order;
}

std::vector<LegendLine> path_legend(const PathPictures& pictures,
                                    const std::vector<std::int64_t>& named) {
  std::vector<LegendLine> lines;
  lines.reserve(named.size() + 2);
  for (std::size_t i = 0; i < named.size(); ++i)
    lines.push_back({escaped(shortened(pictures.feature_names[named[i]], 24).c_str()),
                     series_ink(static_cast<int>(i))});
  if (std::ssize(named) < pictures.feature_count) lines.push_back({"others", Ink::reference});
  lines.push_back(chosen_line(pictures));
  return lines;
}

void draw_feature(Canvas& canvas, const PathPictures& pictures, const std::vector<double>& x,
                  std::int64_t feature) {
  const double* const first = pictures.coefficients + feature * pictures.rate_count;
  const std::vector<double> y(first, first + pictures.rate_count);
  if (x.size() > 1) {
    canvas.line(x, y);
  } else {
    canvas.dots(x, y);
  }
}

}  // namespace

void draw_cross_validation(Canvas& canvas, const PathPictures& pictures) {
  const std::vector<double> x = decades(pictures);
  const std::vector<double> means(pictures.means, pictures.means + pictures.rate_count);
  std::vector<double> ends;
  ends.reserve(2 * x.size());
  for (const int side : {-1, 1})
    for (std::size_t r = 0; r < x.size(); ++r)
      ends.push_back(means[r] + side * pictures.standard_errors[r]);
  const auto middle = ends.begin() + pictures.rate_count;
  const Range x_range = rate_axis(range_of(x));
  const Range y_range = score_axis(range_of(ends));
  const bool band = drawn_as_band(pictures.rate_count);

  canvas.area(0.17, 0.96, 0.12, 0.88);
  canvas.coordinates(x_range.least, x_range.most, y_range.least, y_range.most);
  if (band) {
    canvas.ink(Ink::grid);
    canvas.band(x, {ends.begin(), middle}, {middle, ends.end()});
  }
  canvas.decade_axes(x_range.least, x_range.most, decades_a_tick(x_range), y_range.least,
                     y_range.most);
  const std::string score = pictures.score;
  const std::string title =
      "Cross-validated " + score + ", " + std::to_string(pictures.folds) + " folds";
  canvas.titles(title.c_str(), rate_label, ("Mean " + score).c_str(), 6.6);
  mark_chosen(canvas, x, pictures.chosen, y_range);
  if (!band)
    draw_bars(canvas, x, {ends.begin(), middle}, {middle, ends.end()},
              0.006 * (x_range.most - x_range.least));
  canvas.ink(Ink::line);
  canvas.pen(2);
  if (x.size() > 1) canvas.line(x, means);
  if (!band) canvas.dots(x, means);
  canvas.legend(PL_POSITION_LEFT | PL_POSITION_INSIDE | PL_POSITION_TOP,
                {{"Mean ± standard error"}, chosen_line(pictures)});
}

void draw_coefficient_path(Canvas& canvas, const PathPictures& pictures) {
  const std::vector<double> x = decades(pictures);
  std::vector<double> values(pictures.coefficients,
                             pictures.coefficients + pictures.feature_count * pictures.rate_count);
  values.push_back(0);
  const Range x_range = rate_axis(range_of(x));
  const Range y_range = widened(range_of(values), 0.06, 1);
  const std::vector<std::int64_t> named = largest_features(pictures);
  const std::vector<LegendLine> lines = path_legend(pictures, named);

  canvas.area(0.14, 0.66, 0.12, 0.88);
  canvas.coordinates(x_range.least, x_range.most, y_range.least, y_range.most);
  canvas.area(0.14, end_of_area(canvas.legend_width(lines)), 0.12, 0.88);
  canvas.decade_axes(x_range.least, x_range.most, decades_a_tick(x_range), y_range.least,
                     y_range.most);
  canvas.titles("Coefficients (all training rows)", rate_label, "Coefficient", 5.4);
  mark_chosen(canvas, x, pictures.chosen, y_range);
  canvas.pen(1);
  canvas.line({x_range.least, x_range.most}, {0, 0});
  if (std::ssize(named) < pictures.feature_count) {
    for (std::int64_t feature = 0; feature < pictures.feature_count; ++feature)
      draw_feature(canvas, pictures, x, feature);
  }
  canvas.pen(2);
  for (std::size_t i = 0; i < named.size(); ++i) {
    canvas.ink(series_ink(static_cast<int>(i)));
    draw_feature(canvas, pictures, x, named[i]);
  }
  canvas.legend(PL_POSITION_RIGHT | PL_POSITION_OUTSIDE, lines);
}

}  // namespace gradstep::plot
