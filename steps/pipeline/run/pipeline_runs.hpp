#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "steps/log.hpp"
#include "steps/tracking/settings.hpp"

namespace gradstep::pipeline {

/// MLflow's runs of one pipeline: a parent, and below it one for each step and each trial, as
/// Azure ML has them. One thread at a time.
///
/// Without settings there are no runs, and nothing below does anything; nor within an Azure ML job,
/// whose run is the service's. A server that fails once the pipeline is under way costs warnings,
/// and finish() throws: the results are on disk by then. An exception to that is start(), because a
/// step without a run of its own would log to another.
class PipelineRuns {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  /// Creates the parent run, in the experiment that the environment names, else in `experiment`;
  /// with MLFLOW_RUN_ID in the environment that run is resumed, and keeps its name.
  /// @throws TrackingError
  PipelineRuns(const std::optional<TrackingSettings>& settings, const std::string& experiment,
               const std::string& display_name, const Pairs& params, const Log& log);
  PipelineRuns(const PipelineRuns&) = delete;
  PipelineRuns& operator=(const PipelineRuns&) = delete;
  /// Without finish(): ends the runs that are open as FAILED, in ten seconds at most; never throws.
  ~PipelineRuns();

  /// A child of the parent, or of the run `parent` (a sweep's trial). Returns its id; "" without
  /// tracking.
  /// @param params  logged by end(), but for those that the step has logged itself: MLflow refuses
  ///                a second value, and the step would fail of ours
  /// @throws TrackingError
  [[nodiscard]] std::string start(const std::string& name, const Pairs& params,
                                  const std::string& parent = "");

  /// What a step's process gets in its environment so that it logs to its run: MLFLOW_RUN_ID,
  /// MLFLOW_EXPERIMENT_ID and, where the experiment's name is known, MLFLOW_EXPERIMENT_NAME:
  /// Python's mlflow minds a name that contradicts the id. A step whose run "" could not be started
  /// gets an empty MLFLOW_TRACKING_URI, so that it logs to nobody's; nothing without tracking.
  [[nodiscard]] Pairs environment(const std::string& run_id) const;

  enum class Status { finished, failed, killed };
  /// Ends a run, also one that its step has ended itself: what it has logged stays. Here and below
  /// a run "", which could not be started, is none.
  void end(const std::string& run_id, Status status);
  void set_tag(const std::string& run_id, const std::string& key, const std::string& value);

  /// The last value of a metric that a step has logged, NaN too. @throws TrackingError
  [[nodiscard]] std::optional<double> metric(const std::string& run_id, const std::string& name);

  /// What is said to the server next takes ten seconds at most.
  void hurry();

  /// Ends the parent, and the children that are still open, with `status`. Unless that is finished
  /// it takes ten seconds at most.
  /// @throws TrackingError  when status is finished and something could not be told to the server
  void finish(Status status);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace gradstep::pipeline
