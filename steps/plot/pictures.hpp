#pragma once

#include <cstdint>

namespace gradstep::plot {

/// A line through `points` points.
struct Curve {
  const double* x;
  const double* y;
  std::int64_t points;
};

/// What the three pictures show. Plain data: it crosses into a library that is opened at run time.
struct Pictures {
  Curve roc;  ///< false positive rates, true positive rates
  double auc;
  std::int64_t confusion[2][2];  ///< rows: true class
  const char* class_names[2];    ///< UTF-8; drawn as they are, long ones shortened
  Curve precision_recall;        ///< recalls, precisions
  double average_precision;
  double positive_share;  ///< of the rows, from 0 to 1
};

enum class Picture : std::int32_t { roc, confusion, precision_recall };

inline constexpr int width = 800;   ///< of a picture, in pixels
inline constexpr int height = 700;  ///< of a picture, in pixels

/// Takes a picture as the bytes of a PNG file, which are gone when it returns. Must not throw.
using Take = void (*)(void* to, Picture picture, const char* bytes, std::int64_t size);

/// The one function of the library, and its name: draws the pictures and hands each to `take`.
/// Returns nullptr, or why there are no pictures.
using Draw = const char* (*)(const Pictures* pictures, Take take, void* to);
inline constexpr const char* draw_symbol = "gradstep_draw_pictures";

}  // namespace gradstep::plot
