#pragma once

#include "steps/pipeline/check/wiring.hpp"

namespace gradstep::pipeline {

/// Whose ports are given something.
struct PortsOfStep {
  std::string name;
  Position at;                           ///< of the step's key
  const Signature* signature = nullptr;  ///< nullptr: unknown
  bool inputs_misspelt = false;          ///< the key, which has been reported
};

/// Checks the `inputs` of a step: names, values, data and bindings, and that none is missing.
/// @param swept  a sweep's search_space, which gives inputs, too
void check_given_inputs(const Report& report, const PortsOfStep& step, const YamlEntry* inputs,
                        const YamlNode* swept, Wiring& wiring);
void check_given_outputs(const Report& report, const PortsOfStep& step, const YamlEntry* outputs,
                         Wiring& wiring);

/// Checks the `inputs` and `outputs` of a job, and returns what they are.
[[nodiscard]] PipelineScope check_job_ports(const Report& report, const YamlNode& job);

}  // namespace gradstep::pipeline
