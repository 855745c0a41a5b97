#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "steps/log.hpp"
#include "steps/pipeline/plan.hpp"
#include "steps/pipeline/run/backend.hpp"
#include "steps/pipeline/run/children.hpp"
#include "steps/pipeline/run/execution.hpp"
#include "steps/pipeline/run/pipeline_runs.hpp"
#include "steps/pipeline/run/step_cache.hpp"

namespace gradstep::pipeline {

struct RunSettings {
  std::filesystem::path work_dir;    ///< absolute
  std::filesystem::path run_folder;  ///< in it, new
  std::uint64_t seed = 0;            ///< of sweeps that name none
  bool force_rerun = false;
  int at_once = 1;           ///< processes
  std::string tracking_uri;  ///< "" when nothing is tracked
};

/// Runs a plan: each step when those it takes inputs from are done, side by side where they do not
/// wait for one another.
class Scheduler {
 public:
  /// @param signals  a signal in it ends the run; must outlive this, as all else here
  Scheduler(const Plan& plan, Backend& backend, PipelineRuns& runs, const SignalPipe& signals,
            const RunSettings& settings, const Log& log);

  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler() = default;

  /// To the end, or until a signal has ended it.
  /// @throws IoError  when a step's log cannot be written; its processes are ended then
  [[nodiscard]] Outcome run();

 private:
  // Which execution may begin, and what becomes of those that never will.
  void give_up_what_cannot();
  void start_what_can();
  [[nodiscard]] bool may_start(const Execution& execution) const;
  [[nodiscard]] bool has_room(const Execution& execution) const;

  void begin(std::size_t index);
  void bind_inputs(Execution& execution) const;
  [[nodiscard]] bool reuse(Execution& execution);
  void start_process(Execution& execution);
  void start_run(Execution& execution);

  void take_ends(std::chrono::milliseconds longest);
  void finish(Execution& execution, const ChildEnd& ended);
  void store(const Execution& execution);
  /// Does what may fail without harm to the step: warns then. @return whether it was done
  [[nodiscard]] bool guard(const Execution& execution, const std::string& consequence,
                           const std::function<void()>& action);
  void end(Execution& execution, State state);

  void begin_sweep(std::size_t index);
  void cancel_late_trials(std::size_t index);
  void finish_sweep(std::size_t index);
  void read_metric(Execution& trial);
  [[nodiscard]] std::vector<std::size_t> trials_of(std::size_t sweep) const;

  void track(const std::function<void()>& request);

  const Plan& plan_;
  Backend& backend_;
  PipelineRuns& runs_;
  const RunSettings& settings_;
  const Log& log_;
  Children children_;
  StepCache cache_;
  std::vector<ChildEnd> ends_;  ///< not looked at yet
  bool stopping_ = false;       ///< nothing new starts
  Outcome outcome_;
};

/// Whether a step's own metrics.json names its metrics, so that no server is needed to know them.
[[nodiscard]] bool writes_metrics_file(const Step& step);

}  // namespace gradstep::pipeline
