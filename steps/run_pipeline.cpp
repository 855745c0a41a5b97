#include "steps/run_pipeline.hpp"

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/check/check.hpp"
#include "steps/pipeline/project.hpp"
#include "steps/pipeline/run/pipeline_runs.hpp"
#include "steps/pipeline/run/report.hpp"
#include "steps/pipeline/run/scheduler.hpp"
#include "steps/pipeline/run/step_folder.hpp"
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

void expect_output(const Plan& plan, const std::string& name, const std::string& folder) {
  if (folder.empty()) throw UsageError("--output " + name + ": the folder's name is empty");
  std::string known;
  for (const auto& output : plan.outputs) {
    if (output.first == name) return;
    known += (known.empty() ? "" : ", ") + output.first;
  }
  throw UsageError("--output " + name + ": the pipeline has no such output" +
                   (known.empty() ? "; it has none" : "; it has " + known));
}

void expect_fillable(const Step& step) {
  std::map<std::string, std::string> values;
  for (const StepInput& input : step.inputs) values.emplace("inputs." + input.name, "x");
  for (const StepOutput& output : step.outputs) values.emplace("outputs." + output.name, "x");
  if (step.sweep)
    for (const SearchParameter& parameter : step.sweep->space)
      values.emplace("inputs." + parameter.input, "x");
  try {
    (void)fill_command(step.command, values);
  } catch (const DataError& error) {
    throw DataError("step " + step.name + ", command: " + error.what());
  }
}

/// Finds out before the first step runs what a command or the way of running it does not allow.
void expect_runnable(const Plan& plan, const RunPipelineOptions& options, bool tracked) {
  for (const Step& step : plan.steps) {
    expect_fillable(step);
    if (step.sweep && draw_trials(*step.sweep, options.seed).empty())
      throw UsageError("step " + step.name + ": the sweep has no trial");
    if (step.sweep && !writes_metrics_file(step) && !tracked)
      throw UsageError("step " + step.name + ": the metric '" + step.sweep->primary_metric +
                       "' of its trials is read from an MLflow server; set MLFLOW_TRACKING_URI");
  }
  for (const auto& [name, folder] : options.outputs) expect_output(plan, name, folder);
}

void copy_outputs(const Plan& plan, const Outcome& outcome, const RunPipelineOptions& options) {
  for (const auto& [name, folder] : options.outputs)
    for (const auto& [known, source] : plan.outputs) {
      const Execution& execution = outcome.executions[source.step];
      if (known != name || !has_outputs(execution.state)) continue;
      for (const BoundValue& output : execution.bound.outputs)
        if (output.name == source.output) copy_output(output.path, folder);
    }
}

PipelineRuns::Pairs params_of(const RunPipelineOptions& options) {
  PipelineRuns::Pairs params = options.inputs;
  params.insert(params.end(), options.settings.begin(), options.settings.end());
  return params;
}

PipelineRuns::Status status_of(const Outcome& outcome, bool failed) {
  if (outcome.signal != 0) return PipelineRuns::Status::killed;
  return failed ? PipelineRuns::Status::failed : PipelineRuns::Status::finished;
}

std::string tracking_uri_if(bool tracked) {
  return tracked ? process_environment()("MLFLOW_TRACKING_URI").value_or("") : std::string();
}

Outcome run_plan(const Plan& plan, Backend& backend, PipelineRuns& runs,
                 const RunPipelineOptions& options, bool tracked, const Log& log) {
  RunSettings settings;
  settings.work_dir = fs::absolute(options.work_dir).lexically_normal();
  settings.run_folder = new_run_folder(settings.work_dir, plan.display_name);
  settings.seed = options.seed;
  settings.force_rerun = options.force_rerun || plan.force_rerun;
  settings.at_once = usable_threads();
  settings.tracking_uri = tracking_uri_if(tracked);
  log.say("logs and outputs: " + settings.run_folder.string());
  Scheduler scheduler(plan, backend, runs, settings, log);
  return scheduler.run();
}

}  // namespace

void run_pipeline(const RunPipelineOptions& options, const Log& log) {
  Project project(options.pipeline);
  for (const auto& [path, value] : options.settings) set_value(project.pipeline(), path, value);
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

  PipelineRuns runs(tracking, plan.experiment_name, plan.display_name, params_of(options), log);
  const Outcome outcome = run_plan(plan, *backend, runs, options, tracking.has_value(), log);
  std::cout << outcome_text(plan, outcome);
  flush_standard_output();
  copy_outputs(plan, outcome, options);
  const std::string failure = failure_text(outcome);
  runs.finish(status_of(outcome, !failure.empty()));
  if (outcome.signal != 0) end_by_signal(outcome.signal);
  if (!failure.empty()) throw StepFailed(failure);
  if (!outcome.tracking_problem.empty()) throw TrackingError(outcome.tracking_problem);
}

}  // namespace gradstep
