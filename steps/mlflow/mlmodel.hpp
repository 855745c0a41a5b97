#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "steps/mlflow/trained_model.hpp"

namespace gradstep {

// The text files of a model folder. Names and labels may hold any UTF-8.
// Source: MLflow 3.17, mlflow/models/model.py, mlflow/models/utils.py, mlflow/utils/environment.py;
// 2.17 reads the same.

/// MLmodel but for model_uuid and where a server keeps the model.
/// @param size        bytes of the files that hold the model and its example
/// @param created_at  UTC as Python prints it: 2026-01-31 12:00:00.000000
[[nodiscard]] std::string mlmodel_text(const TrainedModel& model, std::int64_t size,
                                       std::string_view created_at);

/// `text` as a YAML scalar that stays a string, whatever it looks like. Control characters must not
/// be in it.
[[nodiscard]] std::string yaml_string(std::string_view text);

/// input_example.json: the example rows as pandas' to_json(orient="split") writes them, no index.
[[nodiscard]] std::string input_example_json(const TrainedModel& model);
/// serving_input_example.json: the example as the body of a request to a scoring server.
[[nodiscard]] std::string serving_example_json(const TrainedModel& model);

// The environment that a server makes for the model. MLflow compares requirements.txt with the
// packages that are installed where the model is loaded: no versions there, and nothing that
// Azure's scoring image alone needs.
[[nodiscard]] std::string requirements_text();
[[nodiscard]] std::string conda_text(const std::string& python_version);
[[nodiscard]] std::string python_env_text(const std::string& python_version);

}  // namespace gradstep
