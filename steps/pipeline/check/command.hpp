#pragma once

#include <string>
#include <vector>

#include "steps/pipeline/check/signature.hpp"

namespace gradstep::pipeline {

/// What a command's `${{ }}` may name.
struct CommandScope {
  Signature ports;
  std::vector<std::string> search_space;  ///< of a sweep job's trial
  bool report_unused = true;
  bool in_job = false;  ///< whose inputs cannot be optional
};

/// Checks the text of a component's or a job's `command`: brackets, what the bindings name, the
/// optional parts, and that every port is used.
void check_command(const Report& report, const YamlNode& command, const CommandScope& scope);

}  // namespace gradstep::pipeline
