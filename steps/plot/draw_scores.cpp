#include "steps/plot/draw_scores.hpp"

#include <plplot/plplot.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <string>
#include <vector>

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

void draw_curve(Canvas& canvas, const Points& points, Ink ink = Ink::line) {
  canvas.ink(ink);
  canvas.pen(2);
  if (!points.x.empty()) canvas.line(points.x, points.y);
}

std::string name_of_class(const Pictures& pictures, std::int64_t k, int letters) {
  return escaped(shortened(pictures.class_names[k], letters).c_str());
}

/// The classes with the least areas, as many as can be told apart, in ascending order.
std::vector<std::int64_t> named_classes(const double* areas, std::int64_t count) {
  std::vector<std::int64_t> classes(static_cast<std::size_t>(count));
  std::iota(classes.begin(), classes.end(), 0);
  const auto is_less = [&](std::int64_t a, std::int64_t b) { return areas[a] < areas[b]; };
  const auto numbers = std::partition(classes.begin(), classes.end(),
                                      [&](std::int64_t k) { return !std::isnan(areas[k]); });
  std::stable_sort(classes.begin(), numbers, is_less);
  if (count > series_inks) classes.resize(series_inks);
  std::sort(classes.begin(), classes.end());
  return classes;
}

/// A line for each class, as `points` gives it, and what they stand for.
/// @param areas   below the lines, one a class
/// @param format  of a named line's area
template <class PointsOf>
std::vector<LegendLine> draw_classes(Canvas& canvas, const Pictures& pictures, const double* areas,
                                     const char* format, const PointsOf& points) {
  const std::vector<std::int64_t> named = named_classes(areas, pictures.class_count);
  const bool all = std::ssize(named) == pictures.class_count;
  for (std::int64_t k = 0; !all && k < pictures.class_count; ++k)
    draw_curve(canvas, points(k), Ink::reference);
  std::vector<LegendLine> lines;
  lines.reserve(named.size() + 2);
  for (std::size_t i = 0; i < named.size(); ++i) {
    const Ink ink = series_ink(static_cast<int>(i));
    draw_curve(canvas, points(named[i]), ink);
    const double area = areas[named[i]];
    lines.push_back({name_of_class(pictures, named[i], 16) +
                         (std::isnan(area) ? " (not defined)" : with_digits(format, area)),
                     ink});
  }
  if (!all) lines.push_back({"others", Ink::reference});
  return lines;
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

/// From white (no row) to dark blue (all rows of the class), as in matplotlib's "Blues".
void shade(Canvas& canvas, double share) {
  const auto mix = [&](int light, int dark) {
    return static_cast<int>(std::lround(light + share * (dark - light)));
  };
  canvas.cell_colour(mix(247, 8), mix(251, 64), mix(255, 140));
}

/// How a matrix is lettered; one of two classes has room for everything.
struct Lettering {
  double counts = 2;   ///< size; 0: too small to read
  bool shares = true;  ///< below the counts
  double names = 1;    ///< size; 0: they do not fit
  int letters = 24;    ///< of a name
};

/// Names are shortened where enough is left of them to tell them apart, and left out otherwise.
Lettering lettering_for(const Pictures& pictures) {
  if (pictures.class_count == 2) return {};
  const double cell = 1 / static_cast<double>(pictures.class_count);
  const double size = std::clamp(12 * cell, 0.5, 1.0);
  Lettering lettering{.counts = pictures.class_count <= 25 ? std::clamp(8 * cell, 0.5, 2.0) : 0,
                      .shares = pictures.class_count <= 5,
                      .names = size,
                      .letters = std::max(2, static_cast<int>(50 * cell / size))};
  for (std::int64_t k = 0; k < pictures.class_count; ++k) {
    const std::string name = pictures.class_names[k];
    if (lettering.letters < 8 && shortened(name, lettering.letters) != name) lettering.names = 0;
  }
  return lettering;
}

void draw_cell(Canvas& canvas, const Lettering& lettering, double x, double y, std::int64_t count,
               std::int64_t of) {
  const double share = of == 0 ? 0 : static_cast<double>(count) / static_cast<double>(of);
  shade(canvas, share);
  canvas.ink(Ink::cell);
  canvas.rectangle(x, y, x + 1, y + 1);
  if (lettering.counts == 0) return;
  canvas.ink(share > 0.5 ? Ink::paper : Ink::text);
  canvas.letters(lettering.counts);
  canvas.text_at(x + 0.5, y + (lettering.shares ? 0.55 : 0.5), std::to_string(count));
  canvas.letters(1);
  if (of > 0 && lettering.shares)
    canvas.text_at(x + 0.5, y + 0.38, with_digits("%.1f %%", 100 * share));
}

/// Lines between the cells and around them.
void draw_grid(Canvas& canvas, std::int64_t classes) {
  const auto side = static_cast<double>(classes);
  canvas.ink(Ink::text);
  canvas.pen(1);
  canvas.line({0, side, side, 0, 0}, {0, 0, side, side, 0});
  for (std::int64_t k = 1; k < classes; ++k) {
    const auto at = static_cast<double>(k);
    canvas.line({0, side}, {at, at});
    canvas.line({at, at}, {0, side});
  }
}

void name_classes(Canvas& canvas, const Pictures& pictures, const Lettering& lettering) {
  if (lettering.names == 0) return;
  canvas.letters(lettering.names);
  for (std::int64_t k = 0; k < pictures.class_count; ++k) {
    const std::string name = name_of_class(pictures, k, lettering.letters);
    const double middle =
        (static_cast<double>(k) + 0.5) / static_cast<double>(pictures.class_count);
    const bool upright = name.size() <= 3;
    canvas.text_beside("b", 1.7, middle, name);
    canvas.text_beside(upright ? "lv" : "l", 1.5, 1 - middle, name);
  }
  canvas.letters(1);
}

}  // namespace

void draw_roc(Canvas& canvas, const Pictures& pictures) {
  frame(canvas, "ROC curve (test rows)", "False Positive Rate", "True Positive Rate");
  draw_reference(canvas, {0, 1}, {0, 1});
  std::vector<LegendLine> lines;
  const bool defined = !std::isnan(pictures.auc);
  if (pictures.class_count == 2) {
    draw_curve(canvas, visible(pictures.roc[0]));
    lines = {
        {defined ? with_digits("Model (AUC = %.4f)", pictures.auc) : "Model (AUC not defined)"}};
  } else {
    lines = draw_classes(canvas, pictures, pictures.areas, " (AUC = %.4f)",
                         [&](std::int64_t k) { return visible(pictures.roc[k]); });
    lines.push_back({defined ? with_digits("Mean of classes (AUC = %.4f)", pictures.auc)
                             : "Mean of classes (not defined)",
                     Ink::paper});
  }
  lines.push_back({"Chance (AUC = 0.5)", Ink::reference, true});
  canvas.legend(PL_POSITION_RIGHT | PL_POSITION_BOTTOM | PL_POSITION_INSIDE, lines);
}

void draw_precision_recall(Canvas& canvas, const Pictures& pictures) {
  frame(canvas, "Precision-recall curve (test rows)", "Recall", "Precision");
  constexpr int position = PL_POSITION_LEFT | PL_POSITION_BOTTOM | PL_POSITION_INSIDE;
  if (pictures.class_count > 2) {  // chance is another for each
    // The least areas of many lie where the legend of few would.
    constexpr int away = PL_POSITION_RIGHT | PL_POSITION_TOP | PL_POSITION_INSIDE;
    canvas.legend(pictures.class_count > series_inks ? away : position,
                  draw_classes(canvas, pictures, pictures.average_precisions, " (AP = %.4f)",
                               [&](std::int64_t k) {
                                 return stairs(visible(pictures.precision_recall[k]));
                               }));
    return;
  }
  draw_reference(canvas, {0, 1}, {pictures.positive_share, pictures.positive_share});
  draw_curve(canvas, stairs(visible(pictures.precision_recall[0])));
  canvas.legend(position, {{with_digits("Model (AP = %.4f)", pictures.average_precisions[0])},
                           {with_digits("Chance (AP = %.4f)", pictures.positive_share),
                            Ink::reference, true}});
}

void draw_confusion(Canvas& canvas, const Pictures& pictures) {
  const std::int64_t classes = pictures.class_count;
  const auto side = static_cast<double>(classes);
  const Lettering lettering = lettering_for(pictures);
  canvas.area(0.17, 0.93, 0.14, 0.88);
  canvas.coordinates(0, side, 0, side);
  for (std::int64_t row = 0; row < classes; ++row) {
    const std::int64_t* const counts = pictures.confusion + row * classes;
    const std::int64_t all = std::accumulate(counts, counts + classes, std::int64_t{0});
    for (std::int64_t column = 0; column < classes; ++column)
      draw_cell(canvas, lettering, static_cast<double>(column),
                static_cast<double>(classes - 1 - row), counts[column], all);
  }
  draw_grid(canvas, classes);
  name_classes(canvas, pictures, lettering);
  const std::string order = lettering.names > 0 ? "" : ", in the order of the classes";
  canvas.text_beside("b", 3.8, 0.5, "Predicted label" + order);
  canvas.text_beside("l", 4.2, 0.5, "True label" + order);
  canvas.letters(1.2);
  canvas.text_beside("t", 1.4, 0.5, "Confusion matrix (test rows)");
}

}  // namespace gradstep::plot
