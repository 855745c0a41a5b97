#include "steps/pipeline/run/backend.hpp"

#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "steps/pipeline/run/container_backend.hpp"
#include "steps/pipeline/run/native_backend.hpp"

namespace gradstep::pipeline {
namespace {

std::string folder_of_this_program() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string() : program.parent_path().string();
}

}  // namespace

std::unique_ptr<Backend> make_backend(BackendKind kind, bool without_tracking) {
  if (kind == BackendKind::native) return std::make_unique<NativeBackend>(without_tracking);
  return std::make_unique<ContainerBackend>(kind == BackendKind::podman ? "podman" : "docker",
                                            without_tracking);
}

std::map<std::string, std::string> values_of(
    const BoundStep& step, const std::function<std::string(const BoundValue&, bool)>& text_of) {
  std::map<std::string, std::string> values;
  for (const BoundValue& input : step.inputs)
    values["inputs." + input.name] = input.path.empty() ? input.text : text_of(input, false);
  for (const BoundValue& output : step.outputs)
    values["outputs." + output.name] = text_of(output, true);
  return values;
}

Pairs inherited_environment(bool without_tracking) {
  Pairs result;
  std::string path;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = text.substr(0, equals);
    if (name == "MLFLOW_RUN_ID") continue;  // the pipeline's run, not a step's
    if (without_tracking && name == "MLFLOW_TRACKING_URI") continue;
    if (name == "PATH") {
      path = text.substr(equals + 1);
    } else {
      result.emplace_back(name, text.substr(equals + 1));
    }
  }
  if (path.empty()) path = "/usr/local/bin:/usr/bin:/bin";
  const std::string own = folder_of_this_program();
  result.emplace_back("PATH", own.empty() ? path : own + ':' + path);
  return result;
}

std::string value_of(const Pairs& environment, const std::string& name) {
  std::string value;
  for (const auto& [known, text] : environment)
    if (known == name) value = text;
  return value;
}

std::vector<std::string> as_environment(const Pairs& environment) {
  std::map<std::string, std::string> last;
  for (const auto& [name, value] : environment) last[name] = value;
  std::vector<std::string> result;
  for (const auto& [name, value] : last) {
    result.push_back(name);
    result.back() += '=' + value;
  }
  return result;
}

}  // namespace gradstep::pipeline
