#include "steps/plot/canvas.hpp"

#include <plplot/plplot.h>

#include <array>
#include <cstddef>

namespace gradstep::plot {
namespace {

constexpr double dots_per_inch = 100;
constexpr double letter_mm = 3.6;  // height of a capital is about 0.7 of it

void stroke(const std::vector<double>& x, const std::vector<double>& y) {
  plline(static_cast<PLINT>(x.size()), x.data(), y.data());
}

}  // namespace

Canvas::Canvas() : pixels_(std::size_t{3} * width * height, 255) {  // it paints no background
  plsdev("memcairo");
  plsmem(width, height, pixels_.data());
  plspage(dots_per_inch, dots_per_inch, width, height, 0, 0);
  //                                      paper text grid line reference cell
  const std::array<PLINT, 6> red{255, 38, 226, 31, 128, 255};
  const std::array<PLINT, 6> green{255, 38, 226, 119, 128, 255};
  const std::array<PLINT, 6> blue{255, 38, 226, 180, 128, 255};
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

const std::vector<unsigned char>& Canvas::finish() {
  plend1();
  return pixels_;
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

void Canvas::legend(int corner, const std::string& full, const std::string& dashed) {
  const std::array<const char*, 2> text{full.c_str(), dashed.c_str()};
  const std::array<PLINT, 2> options{PL_LEGEND_LINE, PL_LEGEND_LINE};
  const std::array<PLINT, 2> text_colours{static_cast<PLINT>(Ink::text),
                                          static_cast<PLINT>(Ink::text)};
  const std::array<PLINT, 2> line_colours{static_cast<PLINT>(Ink::line),
                                          static_cast<PLINT>(Ink::reference)};
  const std::array<PLINT, 2> styles{1, 2};
  const std::array<PLFLT, 2> widths{2, 1.5};
  PLFLT legend_width = 0;
  PLFLT legend_height = 0;
  pllegend(&legend_width, &legend_height, PL_LEGEND_BACKGROUND | PL_LEGEND_BOUNDING_BOX,
           corner | PL_POSITION_INSIDE, 0.03, 0.03, 0.08, static_cast<PLINT>(Ink::paper),
           static_cast<PLINT>(Ink::grid), 1, 2, 1, 2, options.data(), 1.0, 1.0, 2.0, 0,
           text_colours.data(), text.data(), nullptr, nullptr, nullptr, nullptr,
           line_colours.data(), styles.data(), widths.data(), nullptr, nullptr, nullptr, nullptr);
}

std::string escaped(const char* text) {
  std::string result;
  for (; *text != '\0'; ++text) {
    const auto byte = static_cast<unsigned char>(*text);
    if (byte == '#') result += '#';
    result += byte < ' ' || byte == 0x7f ? ' ' : *text;
  }
  return result;
}

std::string shortened(const std::string& text, int letters) {
  const auto starts_letter = [&](std::size_t i) {
    return (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
  };
  int seen = 0;
  std::size_t cut = 0;  // where the last letter allowed begins
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!starts_letter(i)) continue;
    if (++seen == letters) cut = i;
  }
  return seen <= letters ? text : text.substr(0, cut) + "…";
}

}  // namespace gradstep::plot
