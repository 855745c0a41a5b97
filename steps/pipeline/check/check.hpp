#pragma once

#include "steps/pipeline/findings.hpp"
#include "steps/pipeline/project.hpp"

namespace gradstep::pipeline {

/// Checks a pipeline job and every component, environment and nested pipeline that it names: what
/// Azure ML's SDK refuses, and what it lets through. A file that is a component or an environment
/// itself is checked as such.
///
/// Files that cannot be read or are no YAML are findings, too, at the place that names them.
/// @throws IoError, DataError  as Project::load, for the pipeline file only
/// Source: azure-ai-ml 1.35, whose `_validate()` and what it passes over are the tests' reference
[[nodiscard]] Findings check(Project& project);

}  // namespace gradstep::pipeline
