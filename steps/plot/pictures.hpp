#pragma once

#include <cstdint>

namespace gradstep::plot {

/// A line through `points` points.
struct Curve {
  const double* x;
  const double* y;
  std::int64_t points;
};

/// What the three pictures show and where they go. Plain data: it crosses into a library that is
/// opened at run time.
struct Pictures {
  Curve roc;  ///< false positive rates, true positive rates
  double auc;
  const char* roc_file;  ///< exists and can be written; so for the others

  std::int64_t confusion[2][2];  ///< rows: true class
  const char* class_names[2];    ///< UTF-8; drawn as they are, long ones shortened
  const char* confusion_file;

  Curve precision_recall;  ///< recalls, precisions
  double average_precision;
  double positive_share;  ///< of the rows, from 0 to 1
  const char* precision_recall_file;
};

inline constexpr int width = 800;   ///< of a picture, in pixels
inline constexpr int height = 700;  ///< of a picture, in pixels

/// The one function of the library, and its name. Returns nullptr when the pictures are drawn, else
/// why they are not.
using Draw = const char* (*)(const Pictures* pictures);
inline constexpr const char* draw_symbol = "gradstep_draw_pictures";

}  // namespace gradstep::plot
