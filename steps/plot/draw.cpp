// The library gradstep_plot: the only file that makes pictures, opened when the first is wanted
// because loading PLplot costs more than starting the program.

#include <plplot/plplot.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <future>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "steps/plot/canvas.hpp"
#include "steps/plot/draw_path.hpp"
#include "steps/plot/pictures.hpp"
#include "steps/plot/png.hpp"

namespace gradstep::plot {
namespace {

struct Points {
  std::vector<double> x;
  std::vector<double> y;
};

/// The points of the unit square that can be told apart in the picture; without numbers, none.
Points visible(const Curve& curve) {
  constexpr double half_a_pixel = 0.5 / width;
  Points points;
  for (std::int64_t i = 0; i < curve.points; ++i) {
    const double x = curve.x[i];
    const double y = curve.y[i];
    if (std::isnan(x) || std::isnan(y)) continue;
    const bool end = points.x.empty() || i + 1 == curve.points;
    if (end || std::abs(x - points.x.back()) > half_a_pixel ||
        std::abs(y - points.y.back()) > half_a_pixel) {
      points.x.push_back(x);
      points.y.push_back(y);
    }
  }
  return points;
}

void frame(Canvas& canvas, const char* title, const char* x_label, const char* y_label) {
  canvas.area(0.12, 0.96, 0.12, 0.91);
  canvas.unit_axes();
  canvas.titles(title, x_label, y_label, 4.2);
}

void draw_curve(Canvas& canvas, const Points& points) {
  canvas.ink(Ink::line);
  canvas.pen(2);
  if (!points.x.empty()) canvas.line(points.x, points.y);
}

/// Between two points the first one's y holds: the shape whose area is the average precision.
Points stairs(const Points& corners) {
  Points points;
  for (std::size_t i = 0; i < corners.x.size(); ++i) {
    if (i > 0) {
      points.x.push_back(corners.x[i]);
      points.y.push_back(corners.y[i - 1]);
    }
    points.x.push_back(corners.x[i]);
    points.y.push_back(corners.y[i]);
  }
  return points;
}

void draw_reference(Canvas& canvas, const std::vector<double>& x, const std::vector<double>& y) {
  canvas.ink(Ink::reference);
  canvas.pen(1.5);
  canvas.dashed_line(x, y);
}

void draw_roc(Canvas& canvas, const Pictures& pictures) {
  frame(canvas, "ROC curve (test rows)", "False Positive Rate", "True Positive Rate");
  draw_reference(canvas, {0, 1}, {0, 1});
  draw_curve(canvas, visible(pictures.roc));
  canvas.legend(PL_POSITION_RIGHT | PL_POSITION_BOTTOM | PL_POSITION_INSIDE,
                {{std::isnan(pictures.auc) ? "Model (AUC not defined)"
                                           : with_digits("Model (AUC = %.4f)", pictures.auc)},
                 {"Chance (AUC = 0.5)", Ink::reference, true}});
}

void draw_precision_recall(Canvas& canvas, const Pictures& pictures) {
  frame(canvas, "Precision-recall curve (test rows)", "Recall", "Precision");
  draw_reference(canvas, {0, 1}, {pictures.positive_share, pictures.positive_share});
  draw_curve(canvas, stairs(visible(pictures.precision_recall)));
  canvas.legend(
      PL_POSITION_LEFT | PL_POSITION_BOTTOM | PL_POSITION_INSIDE,
      {{with_digits("Model (AP = %.4f)", pictures.average_precision)},
       {with_digits("Chance (AP = %.4f)", pictures.positive_share), Ink::reference, true}});
}

/// From white (no row) to dark blue (all rows of the class), as in matplotlib's "Blues".
void shade(Canvas& canvas, double share) {
  const auto mix = [&](int light, int dark) {
    return static_cast<int>(std::lround(light + share * (dark - light)));
  };
  canvas.cell_colour(mix(247, 8), mix(251, 64), mix(255, 140));
}

void draw_cell(Canvas& canvas, int row, int column, std::int64_t count, std::int64_t of) {
  const double share = of == 0 ? 0 : static_cast<double>(count) / static_cast<double>(of);
  shade(canvas, share);
  canvas.ink(Ink::cell);
  canvas.rectangle(column, 1 - row, column + 1, 2 - row);
  canvas.ink(share > 0.5 ? Ink::paper : Ink::text);
  canvas.letters(2);
  canvas.text_at(column + 0.5, 1.55 - row, std::to_string(count));
  canvas.letters(1);
  if (of > 0) canvas.text_at(column + 0.5, 1.38 - row, with_digits("%.1f %%", 100 * share));
}

void draw_confusion(Canvas& canvas, const Pictures& pictures) {
  canvas.area(0.17, 0.93, 0.14, 0.88);
  canvas.coordinates(0, 2, 0, 2);
  for (int row = 0; row < 2; ++row) {
    const auto& counts = pictures.confusion[row];
    for (int column = 0; column < 2; ++column) {
      draw_cell(canvas, row, column, counts[column], counts[0] + counts[1]);
    }
  }
  canvas.ink(Ink::text);
  canvas.pen(1);
  canvas.line({0, 2, 2, 0, 0}, {0, 0, 2, 2, 0});
  canvas.line({0, 2}, {1, 1});
  canvas.line({1, 1}, {0, 2});
  for (int k = 0; k < 2; ++k) {
    const std::string name = escaped(shortened(pictures.class_names[k], 24).c_str());
    const bool upright = name.size() <= 3;
    canvas.text_beside("b", 1.7, 0.25 + 0.5 * k, name);
    canvas.text_beside(upright ? "lv" : "l", 1.5, 0.75 - 0.5 * k, name);
  }
  canvas.text_beside("b", 3.8, 0.5, "Predicted label");
  canvas.text_beside("l", 4.2, 0.5, "True label");
  canvas.letters(1.2);
  canvas.text_beside("t", 1.4, 0.5, "Confusion matrix (test rows)");
}

/// PLplot asks on standard input when it lacks the driver, so it is asked beforehand.
bool has_driver() {
  constexpr int most = 64;
  std::array<const char*, most> menu{};
  std::array<const char*, most> names{};
  const char** menu_list = menu.data();
  const char** name_list = names.data();
  int count = most;
  plgDevs(&menu_list, &name_list, &count);
  return std::any_of(names.begin(), names.begin() + std::clamp(count, 0, most),
                     [](const char* name) { return std::strcmp(name, "memcairo") == 0; });
}

template <class Content>
using DrawOne = void (*)(Canvas&, const Content&);

/// Draws what `pictures` holds in each way and hands over the files. While one is compressed, the
/// next is drawn: PLplot itself can draw one at a time only.
// No plend(): it would lose what libltdl has allocated for the driver, and save nothing.
template <class Content>
void draw_all(const Content& pictures,
              std::initializer_list<std::pair<Picture, DrawOne<Content>>> ways, Take take,
              void* to) {
  std::future<void> previous;
  for (const auto& [which, draw] : ways) {
    Canvas canvas;
    draw(canvas, pictures);
    if (previous.valid()) previous.get();
    previous = std::async([which, take, to, pixels = canvas.finish()] {
      const std::string file = png_file(pixels, width, height);
      take(to, which, file.data(), std::ssize(file));
    });
  }
  previous.get();
}

/// PLplot keeps its table of drivers in a temporary file; a container whose root cannot be written
/// to has room for one in shared memory only.
void find_room_for_temporary_files() {
  if (::access(P_tmpdir, W_OK) != 0) ::setenv("TMPDIR", "/dev/shm", 0);
}

/// Calls `draw`. Returns nullptr, or why there are no pictures.
template <class Work>
const char* problem_of(const Work& draw) {
  static std::string problem;
  find_room_for_temporary_files();
  if (!has_driver()) return "PLplot has no driver memcairo (Debian: plplot-driver-cairo)";
  try {
    draw();
    return nullptr;
  } catch (const std::exception& error) {
    problem = error.what();
    return problem.c_str();
  }
}

}  // namespace
}  // namespace gradstep::plot

extern "C" __attribute__((visibility("default"))) const char* gradstep_draw_pictures(
    const gradstep::plot::Pictures* pictures, gradstep::plot::Take take, void* to) {
  using namespace gradstep::plot;
  return problem_of([&] {
    draw_all(*pictures,
             {{Picture::roc, draw_roc},
              {Picture::confusion, draw_confusion},
              {Picture::precision_recall, draw_precision_recall}},
             take, to);
  });
}

extern "C" __attribute__((visibility("default"))) const char* gradstep_draw_path_pictures(
    const gradstep::plot::PathPictures* pictures, gradstep::plot::Take take, void* to) {
  using namespace gradstep::plot;
  return problem_of([&] {
    draw_all(*pictures,
             {{Picture::cross_validation, draw_cross_validation},
              {Picture::coefficient_path, draw_coefficient_path}},
             take, to);
  });
}
