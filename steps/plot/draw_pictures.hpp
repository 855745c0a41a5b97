#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "steps/metrics.hpp"
#include "steps/roc.hpp"

namespace gradstep {

/// What the pictures show of the test rows.
struct PictureContent {
  const std::vector<RocCurve>& roc;  ///< of the second class of two, else of each
  ConfusionMatrix confusion;
  std::vector<std::string> class_names;                ///< UTF-8
  std::vector<PrecisionRecallCurve> precision_recall;  ///< as roc
};

/// The bytes of three PNG files of 800 by 700 pixels.
struct PictureFiles {
  std::string roc;
  std::string confusion;
  std::string precision_recall;
};

/// @throws IoError when the library that draws cannot be opened, or says that it cannot draw
/// Cost: about 30 ms, half of it to open the library and its fonts, on the first call only.
[[nodiscard]] PictureFiles draw_pictures(const PictureContent& content);

/// Writes ROC-Curve.png, Confusion-Matrix.png and Precision-Recall-Curve.png into `folder`, which
/// is created when missing. Each appears whole or not at all. @throws IoError
void write_pictures(const PictureFiles& files, const std::filesystem::path& folder);

}  // namespace gradstep
