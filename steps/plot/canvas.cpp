#include "steps/plot/canvas.hpp"

#include <plplot/plplot.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace gradstep::plot {
namespace {

constexpr double dots_per_inch = 100;
constexpr double legend_distance = 0.03;  // from the area's edges, in shares of its sides
constexpr double letter_mm = 3.6;         // height of a capital is about 0.7 of it

void stroke(const std::vector<double>& x, const std::vector<double>& y) {
  plline(static_cast<PLINT>(x.size()), x.data(), y.data());
}

/// @returns its width in shares of the area's
double put_legend(int position, const std::vector<LegendLine>& lines, Ink text_ink,
                  PLINT options_of_all) {
  const std::size_t count = lines.size();
  const std::vector<PLINT> options(count, PL_LEGEND_LINE);
  const std::vector<PLINT> text_colours(count, static_cast<PLINT>(text_ink));
  std::vector<const char*> text(count);
  std::vector<PLINT> line_colours(count);
  std::vector<PLINT> styles(count);
  std::vector<PLFLT> widths(count);
  for (std::size_t i = 0; i < count; ++i) {
    text[i] = lines[i].text.c_str();
    line_colours[i] = static_cast<PLINT>(lines[i].ink);
    styles[i] = lines[i].dashed ? 2 : 1;
    widths[i] = lines[i].dashed ? 1.5 : 2;
  }
  const auto rows = static_cast<PLINT>(count);
  PLFLT legend_width = 0;
  PLFLT legend_height = 0;
  pllegend(&legend_width, &legend_height, options_of_all, position, legend_distance,
           legend_distance, 0.08, static_cast<PLINT>(Ink::paper), static_cast<PLINT>(Ink::grid), 1,
           rows, 1, rows, options.data(), 1.0, 1.0, 2.0, 0, text_colours.data(), text.data(),
           nullptr, nullptr, nullptr, nullptr, line_colours.data(), styles.data(), widths.data(),
           nullptr, nullptr, nullptr, nullptr);
  return legend_width;
}

}  // namespace

Canvas::Canvas() : pixels_(std::size_t{3} * width * height, 255) {  // it paints no background
  plsdev("memcairo");
  plsmem(width, height, pixels_.data());
  plspage(dots_per_inch, dots_per_inch, width, height, 0, 0);
  //                                paper text grid line reference cell, then the series
  constexpr std::array<PLINT, 16> red{255, 38,  226, 31,  128, 255, 31, 255,
                                      44,  214, 148, 140, 227, 188, 23, 57};
  const std::array<PLINT, 16> green{255, 38, 226, 119, 128, 255, 119, 127,
                                    160, 39, 103, 86,  119, 189, 190, 59};
  const std::array<PLINT, 16> blue{255, 38, 226, 180, 128, 255, 180, 14,
                                   44,  40, 189, 75,  194, 34,  207, 121};
  static_assert(red.size() == static_cast<std::size_t>(Ink::first_of_series) + series_inks);
  plscmap0(red.data(), green.data(), blue.data(), static_cast<PLINT>(red.size()));
  plinit();
  plfontld(1);
  plschr(letter_mm, 1);
  plsmaj(0, 0.6);
  plsmin(0, 0);
  pladv(0);
  ink(Ink::text);
}

Canvas::~Canvas() { plend1(); }

std::vector<unsigned char> Canvas::finish() {
  plend1();
  return std::move(pixels_);
}

void Canvas::area(double left, double right, double bottom, double top) {
  plvpor(left, right, bottom, top);
}

void Canvas::coordinates(double x_min, double x_max, double y_min, double y_max) {
  plwind(x_min, x_max, y_min, y_max);
}

void Canvas::ink(Ink colour) { plcol0(static_cast<PLINT>(colour)); }

void Canvas::cell_colour(int red, int green, int blue) {
  plscol0(static_cast<PLINT>(Ink::cell), red, green, blue);
}

void Canvas::pen(double thickness) { plwidth(thickness); }

void Canvas::letters(double scale) { plschr(0, scale); }

void Canvas::line(const std::vector<double>& x, const std::vector<double>& y) { stroke(x, y); }

void Canvas::dashed_line(const std::vector<double>& x, const std::vector<double>& y) {
  const PLINT mark = 2500;  // micrometres
  const PLINT space = 1500;
  plstyl(1, &mark, &space);
  stroke(x, y);
  plstyl(0, nullptr, nullptr);
}

void Canvas::dots(const std::vector<double>& x, const std::vector<double>& y) {
  const PLINT filled_circle = 17;
  plpoin(static_cast<PLINT>(x.size()), x.data(), y.data(), filled_circle);
}

void Canvas::band(const std::vector<double>& x, const std::vector<double>& low,
                  const std::vector<double>& high) {
  std::vector<double> around_x(x);
  std::vector<double> around_y(low);
  around_x.insert(around_x.end(), x.rbegin(), x.rend());
  around_y.insert(around_y.end(), high.rbegin(), high.rend());
  plpsty(0);
  plfill(static_cast<PLINT>(around_x.size()), around_x.data(), around_y.data());
}

void Canvas::rectangle(double x0, double y0, double x1, double y1) {
  const std::array<double, 4> x{x0, x1, x1, x0};
  const std::array<double, 4> y{y0, y0, y1, y1};
  plpsty(0);
  plfill(4, x.data(), y.data());
}

void Canvas::text_at(double x, double y, const std::string& text) {
  plptex(x, y, 1, 0, 0.5, text.c_str());
}

void Canvas::text_beside(const char* side, double distance, double position,
                         const std::string& text) {
  plmtex(side, distance, position, 0.5, text.c_str());
}

void Canvas::unit_axes() {
  coordinates(-0.02, 1.02, -0.02, 1.02);
  pen(1);
  ink(Ink::grid);
  for (int k = 0; k <= 5; ++k) {
    stroke({k / 5.0, k / 5.0}, {-0.02, 1.02});
    stroke({-0.02, 1.02}, {k / 5.0, k / 5.0});
  }
  ink(Ink::text);
  plbox("bcnst", 0.2, 0, "bcnstv", 0.2, 0);
}

void Canvas::decade_axes(double x_min, double x_max, int x_tick, double y_min, double y_max) {
  coordinates(x_min, x_max, y_min, y_max);
  const bool each_decade = x_tick == 1;  // PLplot's logarithmic axis knows no other
  pen(1);
  ink(Ink::grid);
  plbox(each_decade ? "gl" : "", 0, 0, "g", 0, 0);
  ink(Ink::text);
  plsyax(6, 0);  // digits of a number; one that needs more gets a power of ten above the axis
  plbox(each_decade ? "bclnst" : "bc", 0, 0, "bcnstv", 0, 0);
  if (each_decade) return;
  for (int k = static_cast<int>(std::ceil(x_min / x_tick)); k * x_tick <= x_max; ++k) {
    const double power = k * x_tick;
    ink(Ink::grid);
    stroke({power, power}, {y_min, y_max});
    ink(Ink::text);
    text_beside("b", 1.5, (power - x_min) / (x_max - x_min),
                "10#u" + std::to_string(k * x_tick) + "#d");
  }
}

void Canvas::titles(const char* title, const char* x_label, const char* y_label,
                    double y_distance) {
  ink(Ink::text);
  text_beside("b", 3.2, 0.5, x_label);
  text_beside("l", y_distance, 0.5, y_label);
  letters(1.2);
  text_beside("t", 1.2, 0.5, title);
  letters(1);
}

void Canvas::legend(int position, const std::vector<LegendLine>& lines) {
  (void)put_legend(position, lines, Ink::text, PL_LEGEND_BACKGROUND | PL_LEGEND_BOUNDING_BOX);
}

double Canvas::legend_width(std::vector<LegendLine> lines) {
  for (LegendLine& line : lines) line.ink = Ink::paper;
  PLFLT left = 0;
  PLFLT right = 0;
  PLFLT bottom = 0;
  PLFLT top = 0;
  plgvpd(&left, &right, &bottom, &top);
  const double share = put_legend(PL_POSITION_RIGHT | PL_POSITION_OUTSIDE, lines, Ink::paper, 0);
  return (share + legend_distance) * (right - left);
}

Ink series_ink(int index) {
  return static_cast<Ink>(static_cast<int>(Ink::first_of_series) + index);
}

}  // namespace gradstep::plot
