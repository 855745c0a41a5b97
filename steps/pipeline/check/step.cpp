#include "steps/pipeline/check/step.hpp"

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "steps/pipeline/check/command.hpp"
#include "steps/pipeline/check/component.hpp"
#include "steps/pipeline/check/environment.hpp"
#include "steps/pipeline/check/job_ports.hpp"
#include "steps/pipeline/check/port_names.hpp"
#include "steps/pipeline/check/run_settings.hpp"
#include "steps/pipeline/check/sweep.hpp"

namespace gradstep::pipeline {
namespace {

const std::vector<std::string>& step_types() {
  static const std::vector<std::string> types = {"command", "sweep",  "pipeline",      "parallel",
                                                 "spark",   "automl", "data_transfer", "import"};
  return types;
}

Fields common_fields() {
  return {{"$schema", text()},      {"type", anything()},     {"inputs", anything()},
          {"outputs", anything()},  {"comment", text()},      {"properties", loose_text_map()},
          {"display_name", text()}, {"description", text()},  {"tags", loose_text_map()},
          {"name", text()},         {"identity", anything()}, {"services", anything()}};
}

Fields with(Fields fields, const Fields& more) {
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

Fields run_fields() {
  return with(common_fields(), {{"compute", text()},
                                {"environment", anything()},
                                {"environment_variables", anything()},
                                {"resources", mapping(resources_fields())},
                                {"distribution", anything()},
                                {"limits", mapping(limits_fields())},
                                {"queue_settings", mapping(queue_fields())}});
}

const Fields& command_fields() {
  static const std::string why = "is no key of a step with a component: it belongs there";
  static const Fields fields = with(
      run_fields(),
      {{"component", anything(), required}, {"code", refused(why)}, {"command", refused(why)}});
  return fields;
}

const Fields& job_fields() {
  static const Fields fields = with(run_fields(), {{"command", text(), required},
                                                   {"code", text()},
                                                   {"experiment_name", text()},
                                                   {"is_deterministic", boolean()}});
  return fields;
}

const Fields& sweep_fields() {
  static const Fields fields = with(with(common_fields(), sweep_key_fields()),
                                    {{"compute", text()}, {"trial", anything(), required}});
  return fields;
}

const Fields& pipeline_fields() {
  static const Fields fields =
      with(common_fields(), {{"component", anything(), required}, {"compute", text()}});
  return fields;
}

/// The type that a step has, or by its keys should have; "" when what it says is none.
std::string type_of(const Report& report, const YamlNode& step) {
  const YamlNode* type = step.find("type");
  if (type == nullptr) return step.find("trial") != nullptr ? "sweep" : "";
  std::string word = type->is_scalar() ? lower_case(type->text) : "";
  if (std::find(step_types().begin(), step_types().end(), word) != step_types().end()) return word;
  report.error(type->at, "the type of a job must be " + one_of(step_types()) + ", not " +
                             describe(*type) + did_you_mean(word, step_types()));
  return "?";
}

/// A command job that is written in the pipeline: its ports are those that it binds.
const Component* check_inline_job(Context& context, const Report& report, const YamlEntry& entry) {
  const YamlNode& node = *entry.value;
  Component job;
  for (const char* const side : {"inputs", "outputs"}) {
    const YamlNode* ports = node.find(side);
    if (ports == nullptr || !ports->is_mapping()) continue;
    PortNames names(report);
    for (const YamlEntry* port : entries_of(*ports)) {
      names.check(*port->key);
      Port declared;
      declared.name = port->key->text;
      declared.at = port->key->at;
      declared.type = port_type(port->value->text_of("type"));
      (side == std::string("inputs") ? job.signature.inputs : job.signature.outputs)
          .push_back(declared);
    }
  }
  if (const YamlNode* code = node.find("code")) check_code(report, *code);
  if (const YamlNode* command = node.find("command"))
    check_command(report, *command, {job.signature, {}, true, true});
  if (node.find("environment") == nullptr)
    report.error(entry.key->at, "the job '" + entry.key->text + "' has no 'environment'");
  auto& kept = context.components[report.file().path.string() + '#' + entry.key->text];
  kept = job;
  return &*kept;
}

const Component* check_component(Context& context, const Report& report, const YamlEntry& entry,
                                 const std::string& type) {
  const YamlEntry* named = entry.value->entry(type == "sweep" ? "trial" : "component");
  if (named == nullptr) return nullptr;
  const Component* component = named_component(context, report, *named);
  if (component == nullptr) return nullptr;
  const bool pipeline = component->kind == Component::Kind::pipeline;
  if (!type.empty() && pipeline != (type == "pipeline") &&
      component->kind != Component::Kind::other) {
    const YamlNode* word = entry.value->find("type");
    report.error(word != nullptr ? word->at : named->value->at,
                 "the component of this job is a " +
                     std::string(pipeline ? "pipeline" : "command") + ", the job's type is " +
                     type);
    return nullptr;
  }
  return component;
}

}  // namespace

StepCheck check_step(Context& context, const Report& report, const YamlEntry& entry) {
  static const std::regex pattern("[a-z_][a-z0-9_]*");
  const YamlNode& node = *entry.value;
  const std::string& name = entry.key->text;
  StepCheck step{.entry = &entry, .facts = {name, entry.key->at, nullptr}, .broken = true};
  if (name.size() > 255 || !std::regex_match(name, pattern))
    report.error(entry.key->at, "the name '" + name +
                                    "' of a job must consist of small letters, digits and '_', "
                                    "with no digit in front");
  if (!node.is_mapping()) {
    report.error(node.at, "the job '" + name + "' must be a mapping, not " + describe(node));
    return step;
  }
  const std::string type = type_of(report, node);
  if (type == "?") return step;
  step.broken = false;
  step.sweep = type == "sweep";
  const Owner owner = {entry.key->at, "the job '" + name + "'"};
  const bool inline_job = (type.empty() || type == "command") &&
                          node.find("component") == nullptr && node.find("command") != nullptr;
  if (!inline_job) step.facts.component = check_component(context, report, entry, type);
  const bool pipeline =
      type == "pipeline" || (type.empty() && step.facts.component != nullptr &&
                             step.facts.component->kind == Component::Kind::pipeline);
  const bool ours = type.empty() || type == "command" || step.sweep || pipeline;
  step.foreign = !ours;
  if (ours)
    check_fields(report, node, owner,
                 inline_job   ? job_fields()
                 : step.sweep ? sweep_fields()
                 : pipeline   ? pipeline_fields()
                              : command_fields(),
                 Bindings::allowed);
  check_run_settings(report, node, Bindings::allowed);
  if (const YamlEntry* environment = node.entry("environment"); environment != nullptr && ours)
    check_environment(report, context.project, *environment);
  if (says(node.find("compute"), "local"))
    report.error(node.find("compute")->at,
                 "a pipeline's jobs do not run on 'local': write azureml:CLUSTER");
  if (inline_job) step.facts.component = check_inline_job(context, report, entry);
  if (step.sweep)
    check_sweep(report, node,
                step.facts.component != nullptr ? &step.facts.component->signature : nullptr);
  return step;
}

void check_step_ports(const Report& report, const StepCheck& step, Wiring& wiring) {
  const YamlNode& node = *step.entry->value;
  const Signature* signature =
      step.facts.component != nullptr ? &step.facts.component->signature : nullptr;
  PortsOfStep ports = {step.facts.name, step.facts.at, signature};
  ports.inputs_misspelt = has_misspelt(node, command_fields(), "inputs");
  const YamlNode* swept = step.sweep ? node.find("search_space") : nullptr;
  check_given_inputs(report, ports, node.entry("inputs"), swept, wiring);
  check_given_outputs(report, ports, node.entry("outputs"), wiring);
  for (const char* const key : {"compute", "environment_variables", "resources", "distribution",
                                "limits", "queue_settings", "identity", "services"})
    if (const YamlNode* setting = node.find(key)) wiring.check_settings(step.facts.name, *setting);
  if (step.foreign) wiring.follow(step.facts.name, node);
}

bool lacks_compute(const StepCheck& step) {
  if (step.broken || names_compute(*step.entry->value)) return false;
  const Component* component = step.facts.component;
  const bool pipeline = component != nullptr ? component->kind == Component::Kind::pipeline
                                             : says(step.entry->value->find("type"), "pipeline");
  if (!pipeline) return true;
  return component != nullptr && component->compute_missing;
}

}  // namespace gradstep::pipeline
