#include "steps/pipeline/project.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace gradstep::pipeline {

Project::Project(const std::filesystem::path& pipeline) {
  auto file = std::make_unique<YamlFile>(read_yaml(pipeline));
  pipeline_ = file.get();
  files_.emplace(std::filesystem::weakly_canonical(pipeline).string(), std::move(file));
}

std::filesystem::path Project::path_of(const YamlFile& from, const std::string& reference) {
  const std::string prefix = "file:";
  const std::string path =
      reference.starts_with(prefix) ? reference.substr(prefix.size()) : reference;
  return (from.path.parent_path() / path).lexically_normal();
}

const YamlFile& Project::load(const std::filesystem::path& path) {
  std::unique_ptr<YamlFile>& file = files_[std::filesystem::weakly_canonical(path).string()];
  if (!file) file = std::make_unique<YamlFile>(read_yaml(path));
  return *file;
}

bool is_elsewhere(const std::string& reference) {
  if (is_registered(reference) || reference.starts_with("git+")) return true;
  const std::string letters = "abcdefghijklmnopqrstuvwxyz0123456789+.-";
  const std::size_t colon = reference.find_first_not_of(letters);
  return colon != std::string::npos && colon > 1 && reference.compare(colon, 2, ":/") == 0 &&
         reference.substr(0, colon) != "file";
}

bool is_registered(const std::string& reference) { return reference.starts_with("azureml:"); }

}  // namespace gradstep::pipeline
