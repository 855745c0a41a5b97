#pragma once

#include "steps/pipeline/check/report.hpp"
#include "steps/pipeline/project.hpp"

namespace gradstep::pipeline {

/// Checks what an `environment` names: one in a workspace, a file, or an image written there.
void check_environment(const Report& report, Project& project, const YamlEntry& entry);

/// Checks an environment file.
void check_environment_file(const Report& report);

/// Checks that `reference`, which stands at `node`, is a file or folder that is there, an address
/// (http, https, git) or something in a workspace.
void check_path(const Report& report, const YamlNode& node);

/// Checks the `code` of a component or a job.
void check_code(const Report& report, const YamlNode& node);

}  // namespace gradstep::pipeline
