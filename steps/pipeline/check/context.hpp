#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "steps/pipeline/check/signature.hpp"
#include "steps/pipeline/project.hpp"

namespace gradstep::pipeline {

/// What the check of a component found out about it.
struct Component {
  enum class Kind { command, pipeline, other };
  Kind kind = Kind::command;
  Signature signature;
  bool compute_missing = false;  ///< of a pipeline: a step in it names none
};

/// A check under way: the files, and the components that have been looked at.
struct Context {
  Project& project;
  Findings& findings;
  std::map<std::string, std::optional<Component>> components = {};  ///< nullopt: being checked
};

}  // namespace gradstep::pipeline
