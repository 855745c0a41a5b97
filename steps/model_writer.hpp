#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "steps/labels.hpp"
#include "steps/output_folder.hpp"

namespace gradstep {

/// A binary logistic regression, with what is needed to use it elsewhere.
struct TrainedModel {
  std::vector<double> coefficients;  ///< length d, in the order of feature_names
  double intercept = 0;
  std::array<ClassValue, 2> classes;       ///< the second where x.w + intercept > 0
  std::vector<std::string> feature_names;  ///< length d
  double reg_rate = 0;
  std::string solver;
};

/// The model folder: other forms of the model are added in write(), the marker stays last.
class ModelWriter {
 public:
  static constexpr const char* marker = "model.json";

  /// Creates the folder when missing and removes an older marker. @throws IoError
  explicit ModelWriter(const std::filesystem::path& folder);

  /// Writes the model, but for the marker; today the marker is all there is. @throws IoError
  void write(const TrainedModel& model);
  /// Writes the marker, model.json: from now on the folder is whole. @throws IoError
  void finish() const;

 private:
  OutputFolder folder_;
  std::string marker_text_;
};

}  // namespace gradstep
