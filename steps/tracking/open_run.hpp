#pragma once

#include <cstdint>
#include <string>

#include "steps/tracking/record.hpp"
#include "steps/tracking/requests.hpp"
#include "steps/tracking/session.hpp"
#include "steps/tracking/settings.hpp"

namespace gradstep {

/// A run that is being logged to.
struct Run {
  std::string id;
  std::string experiment_id;
  std::string artifact_uri;
};

/// Resumes the run of settings.run_id, else creates one, with `tags`, in the experiment that the
/// settings name; an experiment that is named and not there is created.
/// @param start_time  of a new run, milliseconds since 1970
/// @param run  out; its id is known as soon as there is a run to end, also when this throws
/// @throws TrackingError
void open_run(Session& session, const MlflowRequests& requests, const TrackingSettings& settings,
              const KeyValues& tags, std::int64_t start_time, Run& run);

}  // namespace gradstep
