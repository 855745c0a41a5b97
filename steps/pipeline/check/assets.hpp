#pragma once

#include "steps/pipeline/check/context.hpp"

namespace gradstep::pipeline {

/// Files that stand alone: a data asset, a compute cluster, a sweep job, a command job.
void check_data_asset(const Report& report);
void check_cluster(const Report& report);
void check_sweep_job(Context& context, const Report& report);
void check_command_job(Context& context, const Report& report);

}  // namespace gradstep::pipeline
