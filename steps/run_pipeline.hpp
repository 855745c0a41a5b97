#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "steps/log.hpp"
#include "steps/pipeline/run/backend.hpp"
#include "steps/tracking/settings.hpp"

namespace gradstep {

/// What run-pipeline is asked to do.
struct RunPipelineOptions {
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  std::filesystem::path pipeline;  ///< a pipeline job's YAML; to be checked also another kind's
  Pairs inputs;                    ///< of the pipeline: name, path or value
  Pairs outputs;                   ///< of the pipeline: name, the folder that gets a copy
  Pairs settings;                  ///< path of keys, value: what stands there instead
  Pairs images;                    ///< environment or step, image
  pipeline::BackendKind backend = pipeline::BackendKind::native;
  bool check_only = false;
  bool force_rerun = false;  ///< run also what an earlier run has made
  std::filesystem::path work_dir = "gradstep-runs";
  std::uint64_t seed = 0;  ///< of random sweeps that name none
  Tracking tracking = Tracking::automatic;
};

/// Checks an Azure ML pipeline job, then runs its steps on this machine and prints a table of them
/// and where the outputs lie to stdout. Mistakes in the YAML go to stderr, one a line.
///
/// A signal ends the steps' processes first; this function does not return then, the process ends
/// with 128 + signal.
///
/// @throws UsageError          the command line asks for something that there is not; data or
///                             components that only a workspace has
/// @throws DataError           the YAML has mistakes; with check_only also for mere warnings
/// @throws BackendUnavailable  podman or docker, or an image, is not here
/// @throws StepFailed          a step has failed; the table is printed before
/// @throws IoError             cannot read or write
/// @throws TrackingError       the server has not been told everything; the steps have run
void run_pipeline(const RunPipelineOptions& options, const Log& log);

}  // namespace gradstep
