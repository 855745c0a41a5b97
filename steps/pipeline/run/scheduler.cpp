#include "steps/pipeline/run/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/run/step_folder.hpp"

namespace gradstep::pipeline {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// The texts among a step's inputs, as MLflow's params.
Pairs params_of(const BoundStep& step) {
  Pairs params;
  for (const BoundValue& input : step.inputs)
    if (input.path.empty()) params.emplace_back(input.name, input.text);
  return params;
}

std::string seconds_text(double seconds) {
  return std::to_string(static_cast<std::int64_t>(seconds)) + " s";
}

/// What kept an action from reading or writing a file; "" when nothing did.
std::string problem_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const IoError& error) {
    return error.what();
  } catch (const std::filesystem::filesystem_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

std::string_view to_word(State state) {
  switch (state) {
    case State::waiting:
      return "waiting";
    case State::running:
      return "running";
    case State::completed:
      return "completed";
    case State::reused:
      return "reused";
    case State::failed:
      return "failed";
    case State::canceled:
      return "canceled";
    case State::not_run:
      return "not run";
  }
  return "";
}

Scheduler::Scheduler(const Plan& plan, Backend& backend, PipelineRuns& runs,
                     const SignalPipe& signals, const RunSettings& settings, const Log& log)
    : plan_(plan),
      backend_(backend),
      runs_(runs),
      settings_(settings),
      log_(log),
      children_([&log](const std::string& name,
                       std::string_view line) { log.say('[' + name + "] " + std::string(line)); },
                signals),
      cache_(settings.work_dir,
             TreeHash(
                 [this] {
                   take_ends(0ms);
                   return children_.signal() == 0;
                 },
                 settings.work_dir),
             settings.tracking_uri) {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    Execution execution;
    execution.step = i;
    execution.bound.step = &plan.steps[i];
    execution.bound.name = plan.steps[i].name;
    outcome_.executions.push_back(std::move(execution));
  }
}

Outcome Scheduler::run() {
  for (;;) {
    give_up_what_cannot();
    start_what_can();
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) finish_sweep(i);
    const bool waits =
        std::any_of(outcome_.executions.begin(), outcome_.executions.end(),
                    [](const Execution& execution) { return execution.state == State::waiting; });
    if (children_.empty() && ends_.empty() && (stopping_ || !waits)) break;
    take_ends(children_.empty() || !ends_.empty() ? 0ms : 1000ms);
    for (const ChildEnd& ended : std::exchange(ends_, {}))
      for (Execution& execution : outcome_.executions)
        if (execution.child == ended.child) finish(execution, ended);
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) cancel_late_trials(i);
  }
  for (Execution& execution : outcome_.executions)
    if (execution.state == State::waiting) execution.state = State::not_run;
  outcome_.signal = children_.signal();
  return std::move(outcome_);
}

void Scheduler::give_up_what_cannot() {
  for (std::size_t i = 0; i < plan_.steps.size(); ++i) {  // in order: a chain in one go
    if (outcome_.executions[i].state != State::waiting) continue;
    for (const StepInput& input : plan_.steps[i].inputs) {
      const auto* source = std::get_if<OutputOf>(&input.source);
      if (source == nullptr) continue;
      const State state = outcome_.executions[source->step].state;
      if (state == State::failed || state == State::canceled || state == State::not_run)
        outcome_.executions[i].state = State::not_run;
    }
  }
}

void Scheduler::start_what_can() {
  for (std::size_t i = 0; i < outcome_.executions.size(); ++i)  // which sweeps make grow
    if (!stopping_ && may_start(outcome_.executions[i]) && has_room(outcome_.executions[i]))
      begin(i);
}

bool Scheduler::may_start(const Execution& execution) const {
  if (execution.state != State::waiting) return false;
  const std::vector<StepInput>& inputs = execution.bound.step->inputs;
  return std::all_of(inputs.begin(), inputs.end(), [&](const StepInput& input) {
    const auto* source = std::get_if<OutputOf>(&input.source);
    return source == nullptr || has_outputs(outcome_.executions[source->step].state);
  });
}

bool Scheduler::has_room(const Execution& execution) const {
  if (is_sweep(execution)) return true;
  int running = 0;
  int trials = 0;
  for (const Execution& other : outcome_.executions) {
    if (!other.child) continue;
    ++running;
    if (other.sweep == execution.sweep) ++trials;
  }
  return running < settings_.at_once &&
         (!execution.sweep || trials < sweep_of(execution).max_concurrent_trials);
}

void Scheduler::begin(std::size_t index) {
  outcome_.executions[index].state = State::running;
  outcome_.executions[index].begun = Clock::now();
  bind_inputs(outcome_.executions[index]);
  if (is_sweep(outcome_.executions[index])) {
    begin_sweep(index);
    return;
  }
  Execution& execution = outcome_.executions[index];
  if (reuse(execution)) return;
  if (stopping_) {  // a signal came while files were hashed
    execution.state = State::canceled;
    return;
  }
  start_process(execution);
}

void Scheduler::bind_inputs(Execution& execution) const {
  execution.bound.inputs.clear();
  for (const StepInput& input : execution.bound.step->inputs) {
    BoundValue value{input.name, input.type, "", {}};
    if (const auto* text = std::get_if<std::string>(&input.source)) value.text = *text;
    if (const auto* path = std::get_if<std::filesystem::path>(&input.source)) value.path = *path;
    if (const auto* source = std::get_if<OutputOf>(&input.source))
      for (const BoundValue& output : outcome_.executions[source->step].bound.outputs)
        if (output.name == source->output) value.path = output.path;
    execution.bound.inputs.push_back(std::move(value));
  }
  for (const auto& [name, text] : execution.values) {
    std::erase_if(execution.bound.inputs, [&](const auto& input) { return input.name == name; });
    execution.bound.inputs.push_back({name, PortType::string, text, {}});
  }
}

bool Scheduler::reuse(Execution& execution) {
  // A metric that only the server knows would belong to the earlier run.
  const bool metric_is_elsewhere = execution.sweep && !writes_metrics_file(*execution.bound.step);
  if (!execution.bound.step->is_deterministic || metric_is_elsewhere) return false;
  if (!guard(execution, "it is not reused",
             [&] { execution.key = cache_.key_of(execution.bound, backend_); }))
    return false;
  if (settings_.force_rerun) return false;
  std::optional<std::vector<BoundValue>> outputs = cache_.find(execution.key);
  if (!outputs) return false;
  execution.bound.outputs = std::move(*outputs);
  start_run(execution);
  track([&] { runs_.set_tag(execution.run_id, "gradstep.reused", "true"); });
  end(execution, State::reused);
  return true;
}

void Scheduler::start_process(Execution& execution) {
  const Step& step = *execution.bound.step;
  const auto start = [&] {
    execution.bound.folder = settings_.run_folder / execution.bound.name;
    execution.bound.outputs = make_step_folder(execution.bound.folder, step, settings_.work_dir);
    // What was edited while it was copied is not what the key says.
    if (!execution.key.text.empty() && !cache_.has_code_of(execution.key, execution.bound))
      execution.key = {};
    if (children_.signal() != 0) return;
    start_run(execution);
    execution.bound.variables = runs_.environment(execution.run_id);
    ChildCommand command = backend_.command(execution.bound);
    command.timeout = execution.sweep ? sweep_of(execution).trial_timeout : step.timeout;
    log_.say(execution.bound.name + ": started");
    execution.child = children_.start(command);
  };
  execution.problem = problem_of(start);
  if (children_.signal() != 0 && !execution.child) {
    end(execution, State::canceled);
  } else if (!execution.child) {
    end(execution, State::failed);
  }
}

void Scheduler::start_run(Execution& execution) {
  track([&] {
    execution.run_id =
        runs_.start(execution.bound.name, params_of(execution.bound),
                    execution.sweep ? outcome_.executions[*execution.sweep].run_id : std::string());
  });
}

void Scheduler::take_ends(std::chrono::milliseconds longest) {
  std::vector<ChildEnd> ends = children_.wait(longest);
  std::move(ends.begin(), ends.end(), std::back_inserter(ends_));
  if (children_.signal() != 0) stopping_ = true;
}

void Scheduler::finish(Execution& execution, const ChildEnd& ended) {
  execution.child.reset();
  execution.exit_code = ended.exit_code;
  execution.last_lines = ended.last_lines;
  std::error_code gone;
  for (const BoundValue& output : execution.bound.outputs)
    if (!std::filesystem::exists(output.path, gone))
      execution.problem = "it wrote no output " + output.name;
  if (ended.exit_code != 0) execution.problem = "exit code " + std::to_string(ended.exit_code);
  if (ended.timed_out)
    execution.problem =
        "it was ended after " + seconds_text(ended.seconds) + ", which is longer than its timeout";
  if (ended.stopped) {
    end(execution, State::canceled);
    return;
  }
  if (execution.problem.empty() && !execution.key.text.empty())
    (void)guard(execution, "its outputs are not stored to be reused", [&] { store(execution); });
  end(execution, execution.problem.empty() ? State::completed : State::failed);
}

void Scheduler::store(const Execution& execution) {
  const std::vector<std::string> changed = cache_.changed_inputs(execution.key, execution.bound);
  for (const std::string& input : changed)
    log_.warn(execution.bound.name + ": its input " + input +
              " changed while it ran, so that its outputs are not stored to be reused; on Azure ML "
              "a step cannot write to its inputs");
  if (changed.empty()) cache_.store(execution.key, execution.bound, backend_);
}

bool Scheduler::guard(const Execution& execution, const std::string& consequence,
                      const std::function<void()>& action) {
  const std::string problem = problem_of(action);
  if (!problem.empty() && children_.signal() == 0)  // which stops the hashing
    log_.warn(execution.bound.name + ": " + problem + "; " + consequence);
  return problem.empty();
}

void Scheduler::end(Execution& execution, State state) {
  using Status = PipelineRuns::Status;
  execution.state = state;
  execution.seconds = std::chrono::duration<double>(Clock::now() - execution.begun).count();
  if (has_outputs(state) && execution.sweep) read_metric(execution);
  const Status status = has_outputs(state)         ? Status::finished
                        : state == State::canceled ? Status::killed
                                                   : Status::failed;
  track([&] { runs_.end(execution.run_id, status); });
  const bool tells_why = state == State::failed;
  log_.say(execution.bound.name + ": " + std::string(to_word(state)) +
           (tells_why ? ": " + execution.problem : ""));
  // A trial's failure is one of the sweep's results.
  if (state == State::failed && !execution.sweep && !plan_.continue_on_step_failure)
    stopping_ = true;
}

void Scheduler::track(const std::function<void()>& request) {
  if (children_.signal() != 0) runs_.hurry();
  try {
    request();
  } catch (const TrackingError& error) {
    if (outcome_.tracking_problem.empty()) outcome_.tracking_problem = error.what();
    log_.warn(error.what());
  }
}

}  // namespace gradstep::pipeline
