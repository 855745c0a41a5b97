#pragma once

#include <string>

#include "steps/log.hpp"
#include "steps/tracking/record.hpp"
#include "steps/tracking/settings.hpp"

namespace gradstep {

/// Creates or resumes the run, logs everything and ends it FINISHED; FAILED when that did not work.
/// So are the runs below it.
///
/// A 3.x server gets a logged model, a 2.x server the folder `<name>` under the run's artifacts.
/// An Azure ML job's own run is neither created nor ended, and gets no artifacts: Azure ML keeps
/// the folders ./outputs and MODEL_OUTPUT itself. It gets no runs below it either.
/// @throws TrackingError  with URL, HTTP status and the server's own words, without secrets
/// Cost: at most 26 requests for a training with one batch of metrics, one more for each artifact
/// beyond seven and three for each run below it; four at a time; one request and its retries take
/// at most settings.timeout.
void track(const TrackingSettings& settings, const RunRecord& record, const Log& log);

/// Says that a step failed: creates or resumes the run and ends it FAILED, with the record's params
/// and tags. Never throws and takes ten seconds at most, retries included; what goes wrong is a
/// warning. An Azure ML job's own run is left to Azure ML.
void track_failure(const TrackingSettings& settings, const RunRecord& record, const Log& log);

}  // namespace gradstep
