#include "steps/run_pipeline.hpp"

#include <signal.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "steps/error.hpp"
#include "steps/flag_values.hpp"
#include "steps/pipeline/check/check.hpp"
#include "steps/pipeline/plan_scope.hpp"
#include "steps/pipeline/project.hpp"
#include "steps/pipeline/run/pipeline_runs.hpp"
#include "steps/pipeline/run/report.hpp"
#include "steps/pipeline/run/scheduler.hpp"
#include "steps/pipeline/run/step_folder.hpp"
#include "steps/pipeline/run/tree_entry.hpp"
#include "steps/signals.hpp"
#include "steps/standard_output.hpp"
#include "steps/threads.hpp"

namespace gradstep {
namespace {

using namespace pipeline;
namespace fs = std::filesystem;

std::string counted(std::size_t count, const std::string& word) {
  return std::to_string(count) + ' ' + word + (count == 1 ? "" : "s");
}

std::optional<ScalarType> scalar_type(PortType type, const std::string& value) {
  const bool is_number = std::isfinite(parse_real(value).value_or(NAN));
  if (type == PortType::number && is_number) return ScalarType::real;
  if (type == PortType::integer && parse_integer(value)) return ScalarType::integer;
  if (type == PortType::boolean && parse_boolean(value)) return ScalarType::boolean;
  if (type == PortType::string && value.find("${{") == std::string::npos) return ScalarType::text;
  return std::nullopt;  // data; or no such value, which the plan refuses
}

/// Puts the values of --input where the pipeline has its own, so that the check sees them.
void set_inputs(YamlFile& pipeline, const RunPipelineOptions::Pairs& inputs) {
  for (const auto& [name, value] : inputs) {
    const YamlNode* declared = pipeline.root->find("inputs");
    const YamlNode* input = declared != nullptr ? declared->find(name) : nullptr;
    if (input == nullptr || !input->is_scalar() || name.find('.') != std::string::npos) continue;
    const std::optional<ScalarType> type = scalar_type(type_of(*input), value);
    if (!type) continue;
    const Position at = input->at;
    const bool truth = parse_boolean(value).value_or(false);
    const std::string word = truth ? "True" : "False";
    set_value(pipeline, "inputs." + name, type == ScalarType::boolean ? word : value);
    const std::shared_ptr<YamlNode>& set = pipeline.root->find("inputs")->entry(name)->value;
    set->type = *type;
    set->at = at;
  }
}

/// Prints what the check has found, and refuses errors; warnings, too, when nothing else is asked.
void check_project(Project& project, bool check_only, const Log& log) {
  const Findings findings = check(project);
  const std::vector<Finding> sorted = findings.sorted();
  std::size_t errors = 0;
  for (const Finding& finding : sorted) {
    const std::string line = to_string(finding) + '\n';
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
    if (finding.severity == Severity::error) ++errors;
  }
  const std::string path = project.pipeline().path.string();
  if (sorted.empty()) {
    if (check_only) log.say(path + ": no mistake found");
    return;
  }
  const std::string count =
      path + ": " + counted(errors, "error") + ", " + counted(sorted.size() - errors, "warning");
  if (findings.has_errors() || check_only) throw DataError(count);
  log.say(count);
}

/// A file cannot stand where a folder goes, nor within its path.
void expect_place(const std::string& name, const fs::path& target, bool is_file) {
  for (fs::path path = fs::absolute(target); path != path.root_path(); path = path.parent_path()) {
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    if (!fs::exists(status)) continue;
    const bool may_be_file = is_file && path == fs::absolute(target);
    if (fs::is_directory(status) || (may_be_file && fs::is_regular_file(status))) return;
    throw UsageError("--output " + name + ": '" + path.string() + "' is no folder");
  }
}

void expect_output(const Plan& plan, const std::string& name, const std::string& target) {
  if (target.empty()) throw UsageError("--output " + name + ": the folder's name is empty");
  std::string known;
  for (const auto& [output, source] : plan.outputs) {
    if (output == name) {
      for (const StepOutput& made : plan.steps[source.step].outputs)
        if (made.name == source.output) expect_place(name, target, made.type == PortType::uri_file);
      return;
    }
    known += (known.empty() ? "" : ", ") + output;
  }
  throw UsageError("--output " + name + ": the pipeline has no such output" +
                   (known.empty() ? "; it has none" : "; it has " + known));
}

/// @param trial  values of a sweep
void expect_fillable(const Step& step, const TrialValues& trial) {
  const std::string path = "/";
  std::map<std::string, std::string> values;
  for (const auto& [input, value] : trial) values.emplace("inputs." + input, value);
  for (const StepInput& input : step.inputs) {
    const auto* text = std::get_if<std::string>(&input.source);
    values.emplace("inputs." + input.name, text != nullptr ? *text : path);
  }
  for (const StepOutput& output : step.outputs) values.emplace("outputs." + output.name, path);
  try {
    (void)fill_command(step.command, values);
  } catch (const DataError& error) {
    throw DataError("step " + step.name + ", command: " + error.what());
  }
}

void expect_fillable(const Step& step, std::uint64_t seed) {
  if (!step.sweep) return expect_fillable(step, TrialValues());
  const std::vector<TrialValues> trials = draw_trials(*step.sweep, seed);
  if (trials.empty()) throw UsageError("step " + step.name + ": the sweep has no trial");
  for (const TrialValues& trial : trials) expect_fillable(step, trial);
}

/// Finds out before the first step runs what a command or the way of running it does not allow.
void expect_runnable(const Plan& plan, const RunPipelineOptions& options, bool tracked) {
  for (const Step& step : plan.steps) {
    if (!step.code.empty() && is_same(step.code, options.work_dir))
      throw UsageError("--work_dir '" + options.work_dir.string() + "' is the code of step " +
                       step.name + ", which each run would copy into itself; choose another");
    expect_fillable(step, options.seed);
    if (step.sweep && !writes_metrics_file(step) && !tracked)
      throw UsageError("step " + step.name + ": the metric '" + step.sweep->primary_metric +
                       "' of its trials is read from an MLflow server; set MLFLOW_TRACKING_URI");
  }
  for (const auto& [name, folder] : options.outputs) expect_output(plan, name, folder);
}

int signal_in(const SignalPipe& signals) {
  for (const int signal : signals.take())
    if (signal != SIGCHLD) return signal;
  return 0;
}

/// Copies what --output asks for, or as much as a signal lets. @return that signal, 0: none
int copy_outputs(const Plan& plan, const Outcome& outcome, const RunPipelineOptions& options,
                 const SignalPipe& signals) {
  for (const auto& [name, folder] : options.outputs)
    for (const auto& [known, source] : plan.outputs) {
      if (const int signal = signal_in(signals); signal != 0) return signal;
      const Execution& execution = outcome.executions[source.step];
      if (known != name || !has_outputs(execution.state)) continue;
      for (const BoundValue& output : execution.bound.outputs)
        if (output.name == source.output) copy_output(output.path, folder);
    }
  return signal_in(signals);
}

/// What is logged of the command line. Environment variables may be secrets.
PipelineRuns::Pairs params_of(const RunPipelineOptions& options) {
  PipelineRuns::Pairs params = options.inputs;
  for (const auto& [path, value] : options.settings)
    if (path.find("environment_variables") == std::string::npos) params.emplace_back(path, value);
  return params;
}

PipelineRuns::Status status_of(const Outcome& outcome, bool failed) {
  if (outcome.signal != 0) return PipelineRuns::Status::killed;
  return failed ? PipelineRuns::Status::failed : PipelineRuns::Status::finished;
}

std::string tracking_uri_if(bool tracked) {
  return tracked ? process_environment()("MLFLOW_TRACKING_URI").value_or("") : std::string();
}

Outcome run_plan(const Plan& plan, Backend& backend, PipelineRuns& runs, const SignalPipe& signals,
                 const RunPipelineOptions& options, bool tracked, const Log& log) {
  RunSettings settings;
  settings.work_dir = fs::absolute(options.work_dir / "").lexically_normal().parent_path();
  settings.run_folder = new_run_folder(settings.work_dir, plan.display_name);
  settings.seed = options.seed;
  settings.force_rerun = options.force_rerun || plan.force_rerun;
  settings.at_once = usable_threads();
  settings.tracking_uri = tracking_uri_if(tracked);
  log.say("logs and outputs: " + settings.run_folder.string());
  Scheduler scheduler(plan, backend, runs, signals, settings, log);
  return scheduler.run();
}

}  // namespace

void run_pipeline(const RunPipelineOptions& options, const Log& log) {
  Project project(options.pipeline);
  for (const auto& [path, value] : options.settings) set_value(project.pipeline(), path, value);
  set_inputs(project.pipeline(), options.inputs);
  check_project(project, options.check_only, log);
  if (options.check_only) return;
  if (project.pipeline().root->text_of("type") != "pipeline")
    throw UsageError("'" + options.pipeline.string() +
                     "' is no pipeline job (type: pipeline); with --check it is only checked");

  const auto tracking = tracking_settings(options.tracking, process_environment(),
                                          [&](const std::string& text) { log.warn(text); });
  const Plan plan = make_plan(project, {options.inputs, options.images});
  expect_runnable(plan, options, tracking.has_value());
  const std::unique_ptr<Backend> backend =
      make_backend(options.backend, options.tracking == Tracking::off);
  backend->prepare(plan, log);
  log.say(plan_text(plan, *backend));
  for (const Step& step : plan.steps)
    for (const std::string& setting : step.ignored)
      log.warn("step " + step.name + ": " + setting +
               " counts on Azure ML only; here it is one "
               "process");

  PipelineRuns runs(tracking, plan.experiment_name, plan.display_name, params_of(options), log);
  const SignalPipe signals;  // until the runs have been told how it ended
  Outcome outcome = run_plan(plan, *backend, runs, signals, options, tracking.has_value(), log);
  std::cout << outcome_text(plan, outcome);
  flush_standard_output();
  if (outcome.signal == 0) outcome.signal = copy_outputs(plan, outcome, options, signals);
  const std::string failure = failure_text(outcome);
  runs.finish(status_of(outcome, !failure.empty()));
  if (outcome.signal == 0) outcome.signal = signal_in(signals);
  if (outcome.signal != 0) end_by_signal(outcome.signal);
  if (!failure.empty()) throw StepFailed(failure);
  if (!outcome.tracking_problem.empty()) throw TrackingError(outcome.tracking_problem);
}

}  // namespace gradstep
