#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "steps/log.hpp"
#include "steps/tracking/record.hpp"
#include "steps/tracking/settings.hpp"

namespace gradstep {

[[nodiscard]] std::int64_t milliseconds_now();  ///< since 1970

/// A record that says who runs what since when, and by which version of it.
[[nodiscard]] RunRecord started_run(const std::string& program);

/// The source of a data set that code made: MLflow's CodeDatasetSource, as JSON.
[[nodiscard]] std::string code_source(const std::string& program, const std::string& user);
/// The source of a data set that lies in a file or folder: MLflow's LocalArtifactDatasetSource.
[[nodiscard]] std::string file_source(const std::string& path);

/// Tells the server that the run failed because of the exception that is being handled (tag
/// gradstep.error). Does nothing without `settings`; see track_failure().
void tell_failure(const std::optional<TrackingSettings>& settings, const RunRecord& record,
                  const Log& log);

/// Calls `step` and returns what it returns; when it throws, tells the server first.
template <class Step>
auto with_failure_told(const std::optional<TrackingSettings>& settings, const RunRecord& record,
                       const Log& log, const Step& step) {
  try {
    return step();
  } catch (...) {
    tell_failure(settings, record, log);
    throw;
  }
}

}  // namespace gradstep
