#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "steps/plot/pictures.hpp"
#include "steps/plot/texts.hpp"

namespace gradstep::plot {

/// The colours of the pictures, by their index in PLplot's colour map 0.
enum class Ink : std::int32_t { paper, text, grid, line, reference, cell, first_of_series };

/// Inks that are told apart, for lines that belong together.
inline constexpr int series_inks = 10;
[[nodiscard]] Ink series_ink(int index);  ///< @param index  0 ... series_inks - 1

/// A line and what it stands for.
struct LegendLine {
  std::string text;
  Ink ink = Ink::line;
  bool dashed = false;
};

/// One picture being drawn with PLplot, in memory: PLplot asks the terminal, ends the process or
/// says nothing when it cannot write a file. One at a time.
class Canvas {
 public:
  Canvas();
  Canvas(const Canvas&) = delete;
  Canvas& operator=(const Canvas&) = delete;
  ~Canvas();

  /// The plotting area in shares of the picture's width and height, and its coordinates.
  void area(double left, double right, double bottom, double top);
  void coordinates(double x_min, double x_max, double y_min, double y_max);

  void ink(Ink colour);
  void cell_colour(int red, int green, int blue);  ///< what Ink::cell is from now on
  void pen(double thickness);
  void letters(double scale);  ///< size of text, 1 for the usual

  void line(const std::vector<double>& x, const std::vector<double>& y);
  void dashed_line(const std::vector<double>& x, const std::vector<double>& y);
  void dots(const std::vector<double>& x, const std::vector<double>& y);
  void band(const std::vector<double>& x, const std::vector<double>& low,
            const std::vector<double>& high);                  ///< filled
  void rectangle(double x0, double y0, double x1, double y1);  ///< filled
  /// Centred on a point of the area.
  void text_at(double x, double y, const std::string& text);
  /// Centred beside the area: `side` is PLplot's "t", "b", "l" (turned) or "lv"; `distance` is in
  /// letters, `position` from 0 to 1 along the side.
  void text_beside(const char* side, double distance, double position, const std::string& text);
  /// A frame with ticks and numbers every 0.2, and a grid.
  void unit_axes();
  /// The same for x in decades, whose numbers are powers of ten `x_tick` apart, and any y.
  void decade_axes(double x_min, double x_max, int x_tick, double y_min, double y_max);
  /// Above the area, below it and to its left.
  void titles(const char* title, const char* x_label, const char* y_label, double y_distance);
  /// `position` is PLplot's.
  void legend(int position, const std::vector<LegendLine>& lines);
  /// How wide legend() would be outside of the area, a share of the picture. Paints in white.
  [[nodiscard]] double legend_width(std::vector<LegendLine> lines);

  /// Ends the drawing; returns 3 bytes a pixel.
  [[nodiscard]] std::vector<unsigned char> finish();

 private:
  std::vector<unsigned char> pixels_;
};

}  // namespace gradstep::plot
