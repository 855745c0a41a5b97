#pragma once

#include <map>
#include <string>

#include "steps/pipeline/plan.hpp"

namespace gradstep::pipeline {

/// A step of a pipeline, as its files describe it; the inputs are left out.
/// @param node       the entry of `jobs`
/// @param component  the command component in `file`; of a command written into the pipeline `node`
/// @throws UsageError  for what only a workspace has: registered code, other samplings
[[nodiscard]] Step read_step(Project& project, const YamlNode& node, const YamlFile& file,
                             const YamlNode& component, std::string name);

}  // namespace gradstep::pipeline
