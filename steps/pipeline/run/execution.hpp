#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/error.hpp"
#include "steps/pipeline/run/backend.hpp"
#include "steps/pipeline/run/step_cache.hpp"
#include "steps/pipeline/run/sweep.hpp"

namespace gradstep::pipeline {

enum class State { waiting, running, completed, reused, failed, canceled, not_run };

[[nodiscard]] std::string_view to_word(State state);
[[nodiscard]] inline bool has_outputs(State state) {
  return state == State::completed || state == State::reused;
}

/// A step of a plan on its way: one that runs a command, a sweep as a whole, or a sweep's trial.
struct Execution {
  BoundStep bound;
  std::size_t step = 0;              ///< index in Plan::steps
  std::optional<std::size_t> sweep;  ///< of a trial: the index of the sweep's execution
  TrialValues values;                ///< of a trial
  State state = State::waiting;
  std::chrono::steady_clock::time_point begun;
  double seconds = 0;
  std::optional<int> exit_code;
  std::string problem;                  ///< why it failed
  std::vector<std::string> last_lines;  ///< of what a failed one printed
  StepKey key;                          ///< what it is stored by
  std::string run_id;                   ///< of MLflow
  std::optional<std::size_t> child;     ///< its process, while it runs
  std::optional<double> metric;         ///< of a trial
  std::optional<std::size_t> best;      ///< of a sweep: the index of the best trial's execution
};

/// What became of a plan.
struct Outcome {
  std::vector<Execution> executions;  ///< the plan's steps in its order, then trials
  int signal = 0;                     ///< that ended it; 0: none
  std::string tracking_problem;       ///< the first; "" when there was none
};

/// The sweep that an execution stands for, or is a trial of.
/// @throws InvalidArgument  when it is neither
[[nodiscard]] inline const Sweep& sweep_of(const Execution& execution) {
  const std::optional<Sweep>& sweep = execution.bound.step->sweep;
  if (!sweep) throw InvalidArgument("step " + execution.bound.name + " is no sweep");
  return *sweep;
}

/// True for the execution that stands for all trials of a sweep, and runs nothing itself.
[[nodiscard]] inline bool is_sweep(const Execution& execution) {
  return execution.bound.step->sweep && !execution.sweep;
}

}  // namespace gradstep::pipeline
