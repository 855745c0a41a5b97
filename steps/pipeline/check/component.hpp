#pragma once

#include "steps/pipeline/check/context.hpp"

namespace gradstep::pipeline {

/// Checks a file that is a component of any kind, once.
const Component* check_component_file(Context& context, const Report& report);

/// The component that a step's `component` or a sweep's `trial` is: a file, or written in place.
/// nullptr: one in a workspace, whose ports are unknown, or none, which has been reported.
const Component* named_component(Context& context, const Report& report, const YamlEntry& entry);

}  // namespace gradstep::pipeline
