#include "steps/pipeline/run/step_cache.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "steps/error.hpp"
#include "steps/output_folder.hpp"

namespace gradstep::pipeline {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

StepCache::StepCache(const fs::path& work_dir, TreeHash hash, std::string tracking_uri)
    : work_dir_(work_dir),
      folder_(work_dir / "cache"),
      hash_(std::move(hash)),
      tracking_uri_(std::move(tracking_uri)) {}

StepKey StepCache::key_of(const BoundStep& step, Backend& backend) {
  const fs::path& code = step.step->code;
  StepKey result;
  result.program = backend.identity(*step.step, hash_);
  if (!code.empty()) result.code = hash_.of(code);
  ContentHash key;
  key.add("gradstep step 2");
  key.add(backend.name());
  key.add(result.program);
  key.add(tracking_uri_);
  key.add(step.step->command_text);
  key.add(fs::is_directory(code) ? "" : code.filename().string());
  key.add(result.code);
  key.add(std::to_string(step.step->variables.size()));
  for (const auto& [name, value] : step.step->variables) {
    key.add(name);
    key.add(value);
  }
  key.add(std::to_string(step.inputs.size()));
  for (const BoundValue& input : step.inputs) {
    result.inputs.push_back(input.path.empty() ? "" : hash_.of(input.path));
    key.add(input.name);
    key.add(input.path.empty() ? "value" : "path");
    key.add(input.path.empty() ? input.text : input.path.filename().string());
    key.add(result.inputs.back());
  }
  for (const StepOutput& output : step.step->outputs) {
    key.add(output.name);
    key.add(to_word(output.type));
  }
  result.text = key.hex();
  return result;
}

std::optional<std::vector<BoundValue>> StepCache::find(const StepKey& key) {
  std::ifstream file(folder_ / (key.text + ".json"));
  const Json entry = Json::parse(file, nullptr, false);
  if (!entry.is_object() || !entry.contains("outputs")) return std::nullopt;
  std::vector<BoundValue> outputs;
  try {
    for (const auto& [name, output] : entry.at("outputs").items()) {
      const fs::path path = work_dir_ / output.at("path").get<std::string>();
      const auto type = port_type(output.at("type").get<std::string>());
      if (!type || hash_.of(path) != output.at("sha256").get<std::string>()) return std::nullopt;
      outputs.push_back({name, *type, "", path});
    }
  } catch (const Json::exception&) {
    return std::nullopt;  // not what we have written
  } catch (const IoError&) {
    return std::nullopt;  // it is there no longer
  }
  return outputs;
}

bool StepCache::has_code_of(const StepKey& key, const BoundStep& step) {
  const fs::path& code = step.step->code;
  if (code.empty()) return true;
  const fs::path copy = step.folder / "wd";
  return hash_.of(fs::is_directory(code) ? copy : copy / code.filename()) == key.code;
}

std::vector<std::string> StepCache::changed_inputs(const StepKey& key, const BoundStep& step) {
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < key.inputs.size(); ++i) {
    const BoundValue& input = step.inputs.at(i);
    std::error_code gone;
    if (!input.path.empty() &&
        (!fs::exists(input.path, gone) || hash_.of(input.path) != key.inputs[i]))
      changed.push_back(input.name);
  }
  return changed;
}

void StepCache::store(const StepKey& key, const BoundStep& step, Backend& backend) {
  if (backend.identity(*step.step, hash_) != key.program) return;
  Json entry = {{"step", step.name}, {"outputs", Json::object()}};
  for (const BoundValue& output : step.outputs)
    entry["outputs"][output.name] = {{"type", to_word(output.type)},
                                     {"path", output.path.lexically_relative(work_dir_).string()},
                                     {"sha256", hash_.of(output.path)}};
  create_folder(folder_);
  PartFile part(folder_ / (key.text + ".json"));
  part.write(entry.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  part.commit();
}

}  // namespace gradstep::pipeline
