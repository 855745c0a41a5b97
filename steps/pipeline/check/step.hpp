#pragma once

#include "steps/pipeline/check/wiring.hpp"

namespace gradstep::pipeline {

/// A step of a pipeline, under check.
struct StepCheck {
  const YamlEntry* entry = nullptr;
  StepFacts facts;
  bool sweep = false;
  bool foreign = false;  ///< a kind whose keys are not looked into: parallel, spark, automl, …
  bool broken = false;   ///< what it is cannot be told, which has been reported
};

/// Checks a step by itself: its keys, and the component that it names.
[[nodiscard]] StepCheck check_step(Context& context, const Report& report, const YamlEntry& entry);

/// Checks what a step's ports are given. `inputs` and `outputs` of the pipeline job itself, with
/// `component`, are checked so, too.
void check_step_ports(const Report& report, const StepCheck& step, Wiring& wiring);

/// Whether a step, or one within it, names no compute.
[[nodiscard]] bool lacks_compute(const StepCheck& step);

}  // namespace gradstep::pipeline
