#include "steps/pipeline/check/jobs.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "steps/pipeline/check/component.hpp"
#include "steps/pipeline/check/job_ports.hpp"
#include "steps/pipeline/check/run_settings.hpp"
#include "steps/pipeline/check/step.hpp"
#include "steps/pipeline/check/syntax.hpp"

namespace gradstep::pipeline {
namespace {

const Fields& settings_fields() {
  static const Fields fields = {{"default_datastore", anything()},
                                {"default_compute", anything()},
                                {"continue_on_step_failure", boolean()},
                                {"force_rerun", boolean()}};
  return fields;
}

const Fields& job_fields() {
  static const Fields fields = [] {
    Fields all = keys_of_any_job();
    const Fields of_a_pipeline = {
        {"settings", mapping(settings_fields())},
        {"jobs", anything()},
        {"component", anything()},
        {"version", refused("is no key of a job: components have versions")}};
    all.insert(all.end(), of_a_pipeline.begin(), of_a_pipeline.end());
    return all;
  }();
  return fields;
}

std::vector<StepCheck> check_steps(Context& context, const Report& report, const YamlEntry& jobs) {
  std::vector<StepCheck> steps;
  if (!jobs.value->is_mapping() || jobs.value->entries.empty()) {
    report.error(jobs.value->is_mapping() || jobs.value->is_null() ? jobs.key->at : jobs.value->at,
                 "'jobs' must be a mapping with at least one job" +
                     (jobs.value->is_mapping() ? "" : ", not " + describe(*jobs.value)));
    return steps;
  }
  for (const YamlEntry* entry : entries_of(*jobs.value))
    steps.push_back(check_step(context, report, *entry));
  return steps;
}

void check_bindings(const Report& report, const std::vector<StepCheck>& steps, PipelineScope& scope,
                    std::size_t findings_before) {
  for (const StepCheck& step : steps) scope.steps.push_back(step.facts);
  Wiring wiring(report, scope);
  for (const StepCheck& step : steps)
    if (!step.broken) check_step_ports(report, step, wiring);
  wiring.check_cycles();
  // Any mistake so far may be the use that is missing.
  if (!steps.empty() && report.findings().count() == findings_before) wiring.check_unused();
}

/// Refers to something in the workspace: azureml:NAME.
void check_workspace_name(const Report& report, const YamlNode& settings, const std::string& key) {
  const YamlNode* value = settings.find(key);
  if (value == nullptr) return;
  if (key == "default_compute" && says(value, "serverless")) return;
  if (value->is_scalar() && value->text.starts_with("azureml:") && value->text.size() > 8) return;
  const bool name = value->is_scalar() && value->type == ScalarType::text && !value->text.empty() &&
                    !is_registered(value->text);
  report.error(value->at, in_quotes(key) + " must be azureml:NAME, not " + describe(*value) +
                              (name ? ": write azureml:" + value->text : ""));
}

void check_settings(const Report& report, const YamlNode& root) {
  const YamlNode* settings = root.find("settings");
  if (settings == nullptr || !settings->is_mapping()) return;
  check_workspace_name(report, *settings, "default_compute");
  check_workspace_name(report, *settings, "default_datastore");
}

void check_compute(const Report& report, const YamlNode& root,
                   const std::vector<StepCheck>& steps) {
  const YamlEntry* settings = root.entry("settings");
  if (says(root.find("compute"), "local"))
    report.error(root.find("compute")->at,
                 "a pipeline does not run on 'local': write azureml:CLUSTER");
  if (names_compute(root) || has_misspelt(root, job_fields(), "compute")) return;
  if (settings == nullptr && has_misspelt(root, job_fields(), "settings")) return;
  if (settings != nullptr &&
      (!settings->value->is_mapping() || settings->value->find("default_compute") != nullptr ||
       has_misspelt(*settings->value, settings_fields(), "default_compute")))
    return;
  std::vector<const StepCheck*> lacking;
  for (const StepCheck& step : steps)
    if (lacks_compute(step)) lacking.push_back(&step);
  if (lacking.empty()) return;
  const std::string write = ": write `default_compute: azureml:CLUSTER` below 'settings'";
  if (lacking.size() == 1 && steps.size() > 1) {
    report.error(lacking.front()->facts.at,
                 "no compute is named for the job '" + lacking.front()->facts.name + "'" + write);
    return;
  }
  report.error(settings != nullptr ? settings->key->at : report.top(),
               "no compute is named for the jobs" + write);
}

/// A job that runs a pipeline component: its inputs are the component's.
void check_job_of_component(Context& context, const Report& report, const YamlEntry& entry) {
  const YamlNode& root = *report.file().root;
  if (!entry.value->is_scalar()) {
    report.error(entry.value->at,
                 "'component' must be a pipeline component's file, not " + describe(*entry.value));
    return;
  }
  const Component* component = named_component(context, report, entry);
  if (component == nullptr) return;
  if (component->kind == Component::Kind::command) {
    report.error(entry.value->at, "the component of a pipeline job must be a pipeline");
    return;
  }
  const PipelineScope nothing;
  Wiring wiring(report, nothing);
  const PortsOfStep ports = {entry.key->text, entry.key->at, &component->signature};
  check_given_inputs(report, ports, root.entry("inputs"), nullptr, wiring);
}

}  // namespace

bool check_component_jobs(Context& context, const Report& report, const Signature& signature) {
  const YamlEntry* jobs = report.file().root->entry("jobs");
  if (jobs == nullptr) return false;
  PipelineScope scope;
  scope.inputs_known = scope.outputs_known = signature.known;
  for (const Port& port : signature.inputs)
    scope.inputs.push_back({port.name, port.at, port.type, nullptr, port.optional});
  for (const Port& port : signature.outputs)
    scope.outputs.push_back({port.name, port.at, port.type, nullptr, false});
  const std::size_t before = context.findings.count();
  const std::vector<StepCheck> steps = check_steps(context, report, *jobs);
  check_bindings(report, steps, scope, before);
  return std::any_of(steps.begin(), steps.end(),
                     [](const StepCheck& step) { return lacks_compute(step); });
}

void check_pipeline_job(Context& context, const Report& report) {
  check_file_syntax(report);
  const YamlNode& root = *report.file().root;
  check_schema(report, {"pipelineJob"});
  check_fields(report, root, {report.top(), "a pipeline job"}, job_fields());
  if (const YamlNode* type = root.find("type"); type == nullptr) {
    if (!has_misspelt(root, job_fields(), "type"))
      report.error(report.top(), "the pipeline has no `type: pipeline`");
  } else if (!says(type, "pipeline")) {
    report.error(type->at, "the type of a job with 'jobs' must be pipeline, not " +
                               describe(*type) + did_you_mean(type->text, {"pipeline"}));
  }
  check_run_settings(report, root, Bindings::refused);
  check_settings(report, root);
  const YamlEntry* jobs = root.entry("jobs");
  const YamlEntry* component = root.entry("component");
  if (jobs != nullptr && component != nullptr) {
    report.error(component->key->at, "'component' and 'jobs' exclude each other: remove one");
    return;
  }
  if (component != nullptr) return check_job_of_component(context, report, *component);
  const std::size_t before = context.findings.count();
  PipelineScope scope = check_job_ports(report, root);
  scope.inputs_known = scope.inputs_known && !has_misspelt(root, job_fields(), "inputs");
  scope.outputs_known = scope.outputs_known && !has_misspelt(root, job_fields(), "outputs");
  if (jobs == nullptr) {
    if (!has_misspelt(root, job_fields(), "jobs"))
      report.error(report.top(), "the pipeline has no 'jobs'");
    return;
  }
  const std::vector<StepCheck> steps = check_steps(context, report, *jobs);
  check_bindings(report, steps, scope, before);
  check_compute(report, root, steps);
}

}  // namespace gradstep::pipeline
