#pragma once

#include <string>

#include "steps/pipeline/plan.hpp"
#include "steps/pipeline/run/backend.hpp"
#include "steps/pipeline/run/execution.hpp"

namespace gradstep::pipeline {

/// What is going to be done, a line for each step and each of its inputs.
[[nodiscard]] std::string plan_text(const Plan& plan, const Backend& backend);

/// A table of the steps: state, seconds, exit code; of each sweep its trials, the best one named;
/// where the pipeline's outputs lie.
[[nodiscard]] std::string outcome_text(const Plan& plan, const Outcome& outcome);

/// Which steps failed, why, and the last lines of the first; "" when none did.
[[nodiscard]] std::string failure_text(const Outcome& outcome);

}  // namespace gradstep::pipeline
