#pragma once

#include "steps/pipeline/check/context.hpp"

namespace gradstep::pipeline {

/// Checks the `jobs` of a pipeline component whose ports are `signature`. Returns whether one of
/// them names no compute, so that the pipeline job must.
bool check_component_jobs(Context& context, const Report& report, const Signature& signature);

/// Checks a pipeline job.
void check_pipeline_job(Context& context, const Report& report);

}  // namespace gradstep::pipeline
