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

bool is_registered(const std::string& reference) { return reference.starts_with("azureml:"); }

}  // namespace gradstep::pipeline
