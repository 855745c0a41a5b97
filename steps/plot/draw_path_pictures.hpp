#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gradstep {

inline constexpr const char* cross_validation_name = "Cross-Validation.png";
inline constexpr const char* coefficient_path_name = "Coefficient-Path.png";

/// What the pictures show of a path of rates.
struct PathPictureContent {
  std::vector<double> rates;            ///< R, rising
  std::size_t chosen = 0;               ///< an index of rates
  std::string score;                    ///< what the next two are of: "AUC"
  std::vector<double> means;            ///< length R
  std::vector<double> standard_errors;  ///< length R
  int folds = 0;
  std::vector<std::string> feature_names;  ///< length d; UTF-8
  std::vector<double> coefficients;  ///< d times R: a feature's for all rates, then the next's
};

/// The bytes of two PNG files of 800 by 700 pixels.
struct PathPictureFiles {
  std::string cross_validation;
  std::string coefficient_path;
};

/// @throws IoError  as draw_pictures()
[[nodiscard]] PathPictureFiles draw_path_pictures(const PathPictureContent& content);

/// Writes Cross-Validation.png and Coefficient-Path.png into `folder`, which is created when
/// missing. Each appears whole or not at all. @throws IoError
void write_path_pictures(const PathPictureFiles& files, const std::filesystem::path& folder);

}  // namespace gradstep
