#include "steps/mlflow/mlmodel.hpp"

#include <array>
#include <cmath>
#include <cstddef>

#include "steps/json_values.hpp"
#include "steps/mlflow/feature_type.hpp"
#include "steps/mlflow/label_type.hpp"
#include "steps/python_repr.hpp"
#include "steps/version.hpp"

namespace gradstep {
namespace {

// The newest versions that the tests load a folder with. Nothing compares them with its own.
constexpr const char* mlflow_version = "3.17.2";
constexpr const char* sklearn_version = "1.9.1";
constexpr const char* onnx_version = "1.23.2";

constexpr std::array requirements = {"mlflow", "numpy", "scikit-learn"};
constexpr std::array azure_requirements = {"azureml-inference-server-http",
                                           "azureml-ai-monitoring"};

Json example_value(double value, FeatureType type) {
  if (type == FeatureType::boolean) return value != 0;
  // The largest int64 became 2^63 on its way through float64, which has no int64.
  if (type == FeatureType::integer && value < 0x1p63) return static_cast<std::int64_t>(value);
  return value;
}

Json example(const TrainedModel& model) {
  Json rows = Json::array();
  for (const std::vector<double>& row : model.example) {
    Json values = Json::array();
    for (std::size_t i = 0; i < row.size(); ++i)
      values.push_back(example_value(row[i], model.feature_types[i]));
    rows.push_back(std::move(values));
  }
  return {{"columns", model.feature_names}, {"data", std::move(rows)}};
}

/// JSON in ASCII within a YAML string.
std::string yaml_json(const Json& json) {
  return yaml_string(json.dump(-1, ' ', true, Json::error_handler_t::replace));
}

/// YAML 1.1 knows a number with an exponent by its point.
std::string yaml_number(double value) {
  std::string text = python_repr(value);
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos)
    text.insert(exponent, ".0");
  return text;
}

std::string inputs(const TrainedModel& model) {
  Json columns = Json::array();
  for (std::size_t i = 0; i < model.feature_names.size(); ++i)
    columns.push_back({{"type", name_of(model.feature_types[i])},
                       {"name", model.feature_names[i]},
                       {"required", true}});
  return yaml_json(columns);
}

std::string outputs(const TrainedModel& model) {
  const Json tensor = {{"dtype", numpy_type(model.classes[0])}, {"shape", {-1}}};
  return yaml_json(Json::array({{{"type", "tensor"}, {"tensor-spec", tensor}}}));
}

std::string flavors(const std::string& python_version) {
  return std::string(R"(flavors:
  onnx:
    code: null
    data: model.onnx
    onnx_session_options: null
    onnx_version: )") +
         onnx_version + R"(
    providers:
    - CPUExecutionProvider
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: )" +
         yaml_string(python_version) + R"(
  sklearn:
    code: null
    pickled_model: model.pkl
    serialization_format: pickle
    sklearn_version: )" +
         sklearn_version + R"(
    skops_trusted_types: null
)";
}

std::string metadata(const TrainedModel& model) {
  return "metadata:\n  program: gradstep\n  version: " + yaml_string(version) +
         "\n  commit: " + yaml_string(commit) + "\n  device: " + yaml_string(model.device) +
         "\n  solver: " + yaml_string(model.solver) +
         "\n  reg_rate: " + yaml_number(model.reg_rate) +
         "\n  dataset_digest: " + yaml_string(model.dataset_digest) + '\n';
}

}  // namespace

std::string yaml_string(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + '\'';
}

std::string mlmodel_text(const TrainedModel& model, std::int64_t size,
                         std::string_view created_at) {
  return flavors(model.python_version) + "is_signature_from_type_hint: false\n" + metadata(model) +
         "mlflow_version: " + mlflow_version + "\nmodel_size_bytes: " + std::to_string(size) + R"(
prompts: null
saved_input_example_info:
  artifact_path: input_example.json
  pandas_orient: split
  serving_input_path: serving_input_example.json
  type: dataframe
signature:
  inputs: )" +
         inputs(model) + "\n  outputs: " + outputs(model) +
         "\n  params: null\ntype_hint_from_example: false\nutc_time_created: " +
         yaml_string(created_at) + '\n';
}

std::string input_example_json(const TrainedModel& model) {
  return example(model).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string serving_example_json(const TrainedModel& model) {
  return to_text({{"dataframe_split", example(model)}});
}

std::string requirements_text() {
  std::string text;
  for (const char* name : requirements) text += std::string(name) + '\n';
  return text;
}

std::string conda_text(const std::string& python_version) {
  std::string text =
      "channels:\n- conda-forge\ndependencies:\n- python=" + python_version + "\n- pip\n- pip:\n";
  for (const char* name : requirements) text += "  - " + std::string(name) + '\n';
  for (const char* name : azure_requirements) text += "  - " + std::string(name) + '\n';
  return text + "name: mlflow-env\n";
}

std::string python_env_text(const std::string& python_version) {
  return "python: " + yaml_string(python_version) + R"(
build_dependencies:
- pip
- setuptools
- wheel
dependencies:
- -r requirements.txt
)";
}

}  // namespace gradstep
