// The scheduler's part that is about sweeps.
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/run/scheduler.hpp"

namespace gradstep::pipeline {

bool writes_metrics_file(const Step& step) {
  const std::string first = step.command_text.substr(0, step.command_text.find_first_of(" \t\n"));
  return first.substr(first.rfind('/') + 1) == "train-model";
}

std::vector<std::size_t> Scheduler::trials_of(std::size_t sweep) const {
  std::vector<std::size_t> trials;
  for (std::size_t i = 0; i < outcome_.executions.size(); ++i)
    if (outcome_.executions[i].sweep == sweep) trials.push_back(i);
  return trials;
}

void Scheduler::begin_sweep(std::size_t index) {
  const Execution& sweep = outcome_.executions[index];
  const Step& step = *sweep.bound.step;
  start_run(outcome_.executions[index]);
  log_.say(step.name + ": started");
  const std::string prefix = step.name + ".trial_";
  const std::size_t step_index = sweep.step;
  int number = 0;
  for (TrialValues& values : draw_trials(sweep_of(sweep), settings_.seed)) {
    Execution trial;
    trial.step = step_index;
    trial.sweep = index;
    trial.bound.step = &step;
    trial.bound.name = prefix + std::to_string(number++);
    trial.values = std::move(values);
    outcome_.executions.push_back(std::move(trial));
  }
}

void Scheduler::cancel_late_trials(std::size_t index) {
  const Execution& sweep = outcome_.executions[index];
  if (!is_sweep(sweep) || sweep.state != State::running) return;
  const double limit = sweep_of(sweep).timeout;
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - sweep.begun;
  if (limit <= 0 || passed.count() < limit) return;
  for (const std::size_t trial : trials_of(index)) {
    Execution& execution = outcome_.executions[trial];
    if (execution.state == State::waiting) execution.state = State::canceled;
    if (execution.child) children_.stop(*execution.child);
  }
}

void Scheduler::finish_sweep(std::size_t index) {
  Execution& sweep = outcome_.executions[index];
  if (!is_sweep(sweep) || sweep.state != State::running) return;
  const std::vector<std::size_t> trials = trials_of(index);
  bool all_reused = true;
  bool any_left_out = false;
  std::vector<std::optional<double>> metrics;
  for (const std::size_t i : trials) {
    Execution& trial = outcome_.executions[i];
    if (trial.state == State::running || (trial.state == State::waiting && !stopping_)) return;
    if (trial.state == State::waiting) {
      trial.state = State::canceled;
      any_left_out = true;
    }
    all_reused = all_reused && trial.state == State::reused;
    metrics.push_back(has_outputs(trial.state) ? trial.metric : std::nullopt);
  }
  if (any_left_out || children_.signal() != 0) {
    end(sweep, State::canceled);
    return;
  }
  const Sweep& wanted = sweep_of(sweep);
  if (const std::optional<std::size_t> best = best_trial(metrics, wanted.maximize)) {
    sweep.best = trials[*best];
    sweep.metric = metrics[*best];
    sweep.bound.outputs = outcome_.executions[trials[*best]].bound.outputs;
    end(sweep, all_reused ? State::reused : State::completed);
    return;
  }
  sweep.problem = "no trial has completed and named the metric '" + wanted.primary_metric + "'";
  for (const std::size_t i : trials)
    if (sweep.last_lines.empty()) sweep.last_lines = outcome_.executions[i].last_lines;
  end(sweep, State::failed);
}

void Scheduler::read_metric(Execution& trial) {
  const std::string& metric = sweep_of(trial).primary_metric;
  if (!writes_metrics_file(*trial.bound.step)) {
    track([&] { trial.metric = runs_.metric(trial.run_id, metric); });
    return;
  }
  std::vector<std::filesystem::path> folders;
  folders.reserve(trial.bound.outputs.size());
  for (const BoundValue& output : trial.bound.outputs)
    folders.push_back(output.type == PortType::uri_file ? output.path.parent_path() : output.path);
  try {
    trial.metric = metric_in(folders, metric);
  } catch (const DataError& error) {
    log_.warn(trial.bound.name + ": " + error.what());
  }
}

}  // namespace gradstep::pipeline
