#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "steps/pipeline/check/report.hpp"
#include "steps/pipeline/project.hpp"

namespace gradstep::pipeline {

/// Checks what holds for every YAML file: keys are texts, none stands there twice.
void check_file_syntax(const Report& report);

/// Checks that `$schema`, where a file has it, is that of one of `kinds` ("commandComponent").
void check_schema(const Report& report, const std::vector<std::string>& kinds);

/// The file that `reference` names; nullptr, with a finding there, when it cannot be read.
[[nodiscard]] const YamlFile* load_named(const Report& report, Project& project,
                                         const YamlNode& reference,
                                         const std::filesystem::path& path);

}  // namespace gradstep::pipeline
