#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "steps/pipeline/check/check.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep::pipeline {

inline std::string component() {
  return R"(name: copy
type: command
inputs:
  source: {type: uri_file}
  level: {type: integer, default: 3, min: 1, max: 9}
outputs:
  result: {type: uri_file}
environment: azureml:tools:1
command: cp -${{inputs.level}} ${{inputs.source}} ${{outputs.result}}
)";
}

inline std::string pipeline() {
  return R"(type: pipeline
settings: {default_compute: azureml:cluster}
inputs:
  data: {type: uri_file, path: azureml:data:1}
outputs:
  copy: {type: uri_file}
jobs:
  first:
    component: ./copy.yml
    inputs: {source: "${{parent.inputs.data}}"}
  second:
    component: ./copy.yml
    inputs: {source: "${{parent.jobs.first.outputs.result}}", level: 5}
    outputs: {result: "${{parent.outputs.copy}}"}
)";
}

/// Findings on files in a folder: "pipeline.yml:2:1: error: …".
class Check : public testing::Test {
 protected:
  void SetUp() override {
    put("copy.yml", component());
    put("pipeline.yml", pipeline());
  }

  void put(const std::string& name, const std::string& text) {
    gradstep::put(folder_.path() / name, text);
  }

  /// The text with one place replaced.
  static std::string edited(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  }

  [[nodiscard]] std::vector<std::string> check(const std::string& name) const {
    Project project(folder_.path() / name);
    std::vector<std::string> result;
    for (Finding finding : pipeline::check(project).sorted()) {
      finding.file = finding.file.filename();
      result.push_back(to_string(finding));
    }
    return result;
  }

  [[nodiscard]] std::filesystem::path folder() const { return folder_.path(); }

 private:
  TemporaryFolder folder_;
};

}  // namespace gradstep::pipeline
