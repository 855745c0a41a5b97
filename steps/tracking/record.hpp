#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "steps/mlflow/model_writer.hpp"

namespace gradstep {

using KeyValues = std::vector<std::pair<std::string, std::string>>;

struct LoggedMetric {
  std::string key;
  double value = 0;  ///< NaN and infinities too
  std::int64_t step = 0;
  /// Of RunRecord::datasets: what the logged model was measured on; none for the run's own metrics.
  std::optional<std::size_t> dataset = {};
};

/// A data set that a run used, as MLflow's Dataset entity; the last three are JSON texts.
struct DatasetInput {
  std::string name;
  std::string digest;       ///< at most 36 characters
  std::string context;      ///< train, eval; the tag mlflow.data.context
  std::string source_type;  ///< code, local, http
  std::string source;
  std::string schema;
  std::string profile;
};

/// A file that goes under the run's artifacts.
struct RunArtifact {
  std::string path;  ///< within the run, such as training_roc_curve.png
  std::string bytes;
};

/// A model folder on disk that the run logs.
struct ModelRecord {
  std::string name;  ///< model
  std::filesystem::path folder;
  std::vector<std::string> files;                                          ///< but for MLmodel
  std::function<std::string(const ModelOrigin&)> mlmodel;                  ///< MLmodel's text
  std::vector<std::string> flavors{"python_function", "sklearn", "onnx"};  ///< in MLmodel
  std::string register_as;  ///< --register_model; empty: do not
};

/// A run below the record's own, such as that of a candidate in a search.
struct ChildRun {
  std::string name;  ///< tag mlflow.runName
  KeyValues params;
  std::vector<LoggedMetric> metrics;
  bool of_model = false;  ///< the record's model came of it: its metrics are the model's, too
};

/// Everything that a step tells MLflow of one run.
struct RunRecord {
  std::string program;          ///< tag mlflow.source.name
  std::int64_t start_time = 0;  ///< milliseconds since 1970
  KeyValues params;             ///< of the run, and of the logged model
  KeyValues tags;
  std::vector<LoggedMetric> metrics;
  std::vector<DatasetInput> datasets;
  std::vector<RunArtifact> artifacts;
  std::optional<ModelRecord> model;
  std::vector<ChildRun> children;  ///< with the run's start, tags and end
};

}  // namespace gradstep
