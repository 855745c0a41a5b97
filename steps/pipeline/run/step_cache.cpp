#include "steps/pipeline/run/step_cache.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "steps/output_folder.hpp"

namespace gradstep::pipeline {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

StepCache::StepCache(const fs::path& work_dir, TreeHash hash, std::string tracking_uri)
    : work_dir_(work_dir),
      folder_(work_dir / "cache"),
      hash_(std::move(hash)),
      tracking_uri_(std::move(tracking_uri)) {}

const std::string& StepCache::hash_of(const fs::path& path) {
  std::string& known = hashes_[path];
  if (known.empty()) known = hash_.of(path);
  return known;
}

std::string StepCache::key_of(const BoundStep& step, Backend& backend) {
  ContentHash key;
  key.add("gradstep step 1");
  key.add(backend.name());
  key.add(backend.identity(*step.step, hash_));
  key.add(tracking_uri_);
  key.add(step.step->command_text);
  key.add(step.step->code.empty() ? "" : hash_of(step.step->code));
  key.add(std::to_string(step.step->variables.size()));
  for (const auto& [name, value] : step.step->variables) {
    key.add(name);
    key.add(value);
  }
  key.add(std::to_string(step.inputs.size()));
  for (const BoundValue& input : step.inputs) {
    key.add(input.name);
    key.add(input.path.empty() ? "value" : "path");
    key.add(input.path.empty() ? input.text : input.path.filename().string());
    key.add(input.path.empty() ? "" : hash_of(input.path));
  }
  for (const StepOutput& output : step.step->outputs) {
    key.add(output.name);
    key.add(to_word(output.type));
  }
  return key.hex();
}

std::optional<std::vector<BoundValue>> StepCache::find(const std::string& key) {
  std::ifstream file(folder_ / (key + ".json"));
  const Json entry = Json::parse(file, nullptr, false);
  if (!entry.is_object() || !entry.contains("outputs")) return std::nullopt;
  std::vector<BoundValue> outputs;
  try {
    for (const auto& [name, output] : entry.at("outputs").items()) {
      const fs::path path = work_dir_ / output.at("path").get<std::string>();
      const auto type = port_type(output.at("type").get<std::string>());
      if (!type || !fs::exists(path) || hash_of(path) != output.at("sha256").get<std::string>())
        return std::nullopt;
      outputs.push_back({name, *type, "", path});
    }
  } catch (const Json::exception&) {
    return std::nullopt;  // not what we have written
  }
  return outputs;
}

void StepCache::store(const std::string& key, const BoundStep& step) {
  Json entry = {{"step", step.name}, {"outputs", Json::object()}};
  for (const BoundValue& output : step.outputs) {
    if (!fs::exists(output.path)) return;  // a file that was not written
    entry["outputs"][output.name] = {{"type", to_word(output.type)},
                                     {"path", output.path.lexically_relative(work_dir_).string()},
                                     {"sha256", hash_of(output.path)}};
  }
  create_folder(folder_);
  PartFile part(folder_ / (key + ".json"));
  part.write(entry.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
  part.commit();
}

}  // namespace gradstep::pipeline
