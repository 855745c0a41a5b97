#pragma once

#include "steps/pipeline/check/shape.hpp"

namespace gradstep::pipeline {

/// The keys that a job has at the top of its file, whatever its type.
[[nodiscard]] Fields keys_of_any_job();

/// The keys of `resources`, `limits` and `queue_settings`.
[[nodiscard]] const Fields& resources_fields();
[[nodiscard]] const Fields& limits_fields();
[[nodiscard]] const Fields& queue_fields();

/// Checks what says how something runs, as far as `node` has it and its keys' shapes do not:
/// resources.shm_size, distribution, services, identity, environment_variables, compute.
void check_run_settings(const Report& report, const YamlNode& node, Bindings bindings);

/// Whether a job or a step has a `compute`; an empty text is none.
[[nodiscard]] bool names_compute(const YamlNode& node);

}  // namespace gradstep::pipeline
