#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "steps/mlflow/trained_model.hpp"
#include "steps/output_folder.hpp"

namespace gradstep {

/// Where a model is kept by an MLflow server. Empty fields are not written.
struct ModelOrigin {
  std::string run_id;
  std::string artifact_path;  ///< the logged model's artifact URI, or its path within the run (2.x)
  std::string model_id;       ///< m-…; 2.x servers have none
};

/// The folder that MLflow loads: flavors python_function, sklearn and onnx.
class ModelWriter {
 public:
  static constexpr const char* marker = "MLmodel";
  /// The names of the files, the marker last.
  static constexpr std::array<const char*, 8> files{
      "model.pkl",        "model.onnx", "input_example.json", "serving_input_example.json",
      "requirements.txt", "conda.yaml", "python_env.yaml",    marker};

  /// Creates the folder when missing and removes an older marker. @throws IoError
  explicit ModelWriter(const std::filesystem::path& folder);

  /// Writes all files but the marker. @throws IoError
  void write(const TrainedModel& model);
  /// Writes the marker, MLmodel: from now on the folder is whole. @throws IoError
  void finish() const;

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  /// The text of the marker for a model that a server keeps.
  [[nodiscard]] std::string marker_text(const ModelOrigin& origin) const;

 private:
  OutputFolder folder_;
  std::string text_;  ///< of the marker, but for its last lines
  std::string uuid_;
};

}  // namespace gradstep
