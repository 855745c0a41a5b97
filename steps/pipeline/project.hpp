#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "steps/pipeline/yaml.hpp"

namespace gradstep::pipeline {

/// The files that a pipeline is made of, each read once and kept.
class Project {
 public:
  /// @throws IoError, DataError  as read_yaml()
  explicit Project(const std::filesystem::path& pipeline);

  [[nodiscard]] const YamlFile& pipeline() const { return *pipeline_; }
  [[nodiscard]] YamlFile& pipeline() { return *pipeline_; }

  /// The file that `reference` ("./train.yml", "file:./train.yml") in `from` names, which need not
  /// exist.
  [[nodiscard]] static std::filesystem::path path_of(const YamlFile& from,
                                                     const std::string& reference);
  /// That file, read. @throws IoError, DataError
  [[nodiscard]] const YamlFile& load(const std::filesystem::path& path);

 private:
  std::map<std::string, std::unique_ptr<YamlFile>> files_;  ///< by canonical path
  YamlFile* pipeline_ = nullptr;
};

/// True for what is no file here: "azureml:…", "https://…", "runs:/…", "git+…".
[[nodiscard]] bool is_elsewhere(const std::string& reference);

/// True for "azureml:…", which names something in a workspace and no file.
[[nodiscard]] bool is_registered(const std::string& reference);

}  // namespace gradstep::pipeline
