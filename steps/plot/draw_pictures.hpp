#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "steps/metrics.hpp"
#include "steps/roc.hpp"

namespace gradstep {

/// What the pictures show of the test rows.
struct PictureContent {
  const RocCurve& roc;
  double auc = 0;
  ConfusionMatrix confusion{};
  std::array<std::string, 2> class_names;  ///< UTF-8
  const PrecisionRecallCurve& precision_recall;
};

/// Draws ROC-Curve.png, Confusion-Matrix.png and Precision-Recall-Curve.png, 800 by 700 pixels,
/// into `folder`, which is created when missing. Each appears whole or not at all.
///
/// @throws IoError when a picture cannot be written, or the library that draws cannot be opened
/// Cost: about 30 ms, half of it to open the library and its fonts, on the first call only.
void draw_pictures(const PictureContent& content, const std::filesystem::path& folder);

}  // namespace gradstep
