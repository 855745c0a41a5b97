#include "steps/mlflow/model_writer.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <random>
#include <string_view>
#include <utility>

#include "steps/mlflow/mlmodel.hpp"
#include "steps/mlflow/model_pickle.hpp"
#include "steps/mlflow/onnx_writer.hpp"

namespace gradstep {
namespace {

/// 32 hexadecimal digits.
std::string random_id() {
  std::random_device random;
  std::string id;
  for (int i = 0; i < 4; ++i) {
    std::array<char, 9> digits{};
    (void)std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(random()));
    id += digits.data();
  }
  return id;
}

/// UTC as Python's str(datetime) shows it.
std::string now() {
  using namespace std::chrono;
  const auto since_1970 = system_clock::now().time_since_epoch();
  const std::time_t seconds = duration_cast<std::chrono::seconds>(since_1970).count();
  const auto micros = static_cast<int>(duration_cast<microseconds>(since_1970).count() % 1'000'000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &utc);
  (void)std::snprintf(text.data() + size, text.size() - size, ".%06d", micros);
  return text.data();
}

}  // namespace

ModelWriter::ModelWriter(const std::filesystem::path& folder)
    : folder_(folder, marker), uuid_(random_id()) {}

void ModelWriter::write(const TrainedModel& model) {
  std::int64_t size = 0;
  const auto add = [&](const char* name, const std::string& bytes) {
    folder_.write(name, bytes);
    size += std::ssize(bytes);
  };
  add("model.pkl", pickled(model));
  add("model.onnx", onnx_model(model));
  add("input_example.json", input_example_json(model));
  add("serving_input_example.json", serving_example_json(model));
  text_ = mlmodel_text(model, size, now());  // MLflow does not count what follows either
  add("requirements.txt", requirements_text());
  add("conda.yaml", conda_text(model.python_version));
  add("python_env.yaml", python_env_text(model.python_version));
}

void ModelWriter::finish() const { folder_.finish(marker_text({})); }

std::string ModelWriter::marker_text(const ModelOrigin& origin) const {
  std::string text = text_;
  const auto add = [&text](const char* key, std::string_view value) {
    if (!value.empty()) text += std::string(key) + ": " + yaml_string(value) + '\n';
  };
  add("artifact_path", origin.artifact_path);
  add("run_id", origin.run_id);
  add("model_id", origin.model_id);
  add("model_uuid", origin.model_id.empty() ? uuid_ : origin.model_id);
  return text;
}

}  // namespace gradstep
