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
/// Curves and areas are one each for two classes, of the second, else one for each class.
struct Pictures {
  std::int64_t class_count;
  const char* const* class_names;  ///< UTF-8; drawn as they are, long ones shortened
  const Curve* roc;                ///< false positive rates, true positive rates
  const double* areas;             ///< below them
  double auc;                      ///< the mean of areas
  const std::int64_t* confusion;   ///< a row of counts for each true class
  const Curve* precision_recall;   ///< recalls, precisions
  const double* average_precisions;
  double positive_share;  ///< of the rows, from 0 to 1; for two classes
};

/// What the two pictures of a cross-validation show. Plain data, too.
struct PathPictures {
  const double* rates;  ///< rising, > 0
  std::int64_t rate_count;
  std::int64_t chosen;  ///< an index of `rates`
  const char* score;    ///< what the next two are of: "AUC"
  const double* means;  ///< of the folds, one a rate
  const double* standard_errors;
  std::int64_t folds;
  const char* const* feature_names;  ///< UTF-8; drawn as they are, long ones shortened
  std::int64_t feature_count;
  const double* coefficients;  ///< of a feature for all rates, then of the next feature
};

enum class Picture : std::int32_t {
  roc,
  confusion,
  precision_recall,
  cross_validation,
  coefficient_path
};

inline constexpr int width = 800;   ///< of a picture, in pixels
inline constexpr int height = 700;  ///< of a picture, in pixels

/// Takes a picture as the bytes of a PNG file, which are gone when it returns. Called on a thread
/// of any kind, for one picture at a time. Must not throw.
using Take = void (*)(void* to, Picture picture, const char* bytes, std::int64_t size);

/// The functions of the library, and their names: each draws its pictures and hands them to `take`.
/// Returns nullptr, or why there are no pictures.
using Draw = const char* (*)(const Pictures* pictures, Take take, void* to);
inline constexpr const char* draw_symbol = "gradstep_draw_pictures";
using DrawPath = const char* (*)(const PathPictures* pictures, Take take, void* to);
inline constexpr const char* draw_path_symbol = "gradstep_draw_path_pictures";

}  // namespace gradstep::plot
