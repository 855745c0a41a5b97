#include "steps/pipeline/check/component.hpp"

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "steps/pipeline/check/command.hpp"
#include "steps/pipeline/check/environment.hpp"
#include "steps/pipeline/check/jobs.hpp"
#include "steps/pipeline/check/run_settings.hpp"
#include "steps/pipeline/check/syntax.hpp"

namespace gradstep::pipeline {
namespace {

Fields common_fields() {
  return {{"$schema", text()},
          {"type", anything()},
          {"name", text(), required},
          {"version", version()},
          {"display_name", text()},
          {"description", text()},
          {"tags", text_map()},
          {"is_deterministic", boolean()},
          {"inputs", anything()},
          {"outputs", anything()},
          {"id", anything()},
          {"creation_context", anything()},
          {"latest_version", anything()}};
}

/// A component that is written within a step needs no name.
Fields without_name(Fields fields) {
  for (Field& field : fields)
    if (field.name == "name") field.required = false;
  return fields;
}

const Fields& command_fields() {
  static const Fields fields = [] {
    Fields all = common_fields();
    const Fields own = {
        {"command", text(), required},         {"code", text()},
        {"environment", anything(), required}, {"resources", mapping(resources_fields())},
        {"distribution", anything()},          {"properties", any_map()},
        {"additional_includes", texts()}};
    all.insert(all.end(), own.begin(), own.end());
    for (const char* const key : {"environment_variables", "compute", "limits", "identity",
                                  "services", "queue_settings", "experiment_name", "settings"})
      all.push_back({key, refused("is no key of a component: it belongs to the step that uses it "
                                  "(jobs.STEP." +
                                  std::string(key) + ")")});
    return all;
  }();
  return fields;
}

const Fields& pipeline_fields() {
  static const Fields fields = [] {
    Fields all = common_fields();
    all.push_back({"jobs", anything(), required});
    for (const char* const key : {"settings", "compute", "experiment_name", "identity", "services"})
      all.push_back({key, refused("is no key of a pipeline component: it belongs to the pipeline "
                                  "job that uses it")});
    return all;
  }();
  return fields;
}

void check_name(const Report& report, const YamlNode& component) {
  static const std::regex pattern("[a-z][a-z0-9_]{0,254}");
  const YamlNode* name = component.find("name");
  if (name == nullptr || !name->is_scalar() || name->type != ScalarType::text) return;
  if (!std::regex_match(name->text.substr(0, 300), pattern))
    report.error(name->at,
                 "the name of a component must consist of up to 255 small letters, "
                 "digits and '_', with a letter in front, not " +
                     describe(*name));
}

void check_type(const Report& report, const YamlNode& component, const std::string& expected) {
  static const std::vector<std::string> types = {"command", "pipeline", "parallel", "spark"};
  const YamlNode* type = component.find("type");
  if (type == nullptr || says(type, expected)) return;
  report.error(type->at, "the type of this component must be " + expected + ", not " +
                             describe(*type) + did_you_mean(type->text, types));
}

Component check_command_component(Context& context, const Report& report, const YamlNode& node,
                                  const Owner& owner, bool in_place) {
  static const Fields nameless = without_name(command_fields());
  Component component;
  component.signature.known = false;
  if (!check_fields(report, node, owner, in_place ? nameless : command_fields())) return component;
  if (in_place && node.find("command") == nullptr) return component;  // it is no component at all
  check_type(report, node, "command");
  check_name(report, node);
  check_run_settings(report, node, Bindings::refused);
  component.signature = check_signature(report, node);
  for (const char* const side : {"inputs", "outputs"})
    if (has_misspelt(node, command_fields(), side)) component.signature.known = false;
  if (const YamlEntry* entry = node.entry("environment"))
    check_environment(report, context.project, *entry);
  if (const YamlNode* code = node.find("code")) check_code(report, *code);
  if (const YamlNode* command = node.find("command");
      command != nullptr && component.signature.known)
    check_command(report, *command, {component.signature, {}, true});
  return component;
}

Component check_pipeline_component(Context& context, const Report& report) {
  const YamlNode& root = *report.file().root;
  Component component;
  component.kind = Component::Kind::pipeline;
  check_schema(report, {"pipelineComponent"});
  check_fields(report, root, {report.top(), "a pipeline component"}, pipeline_fields());
  check_type(report, root, "pipeline");
  check_name(report, root);
  component.signature = check_signature(report, root);
  for (const char* const side : {"inputs", "outputs"})
    if (has_misspelt(root, pipeline_fields(), side)) component.signature.known = false;
  component.compute_missing = check_component_jobs(context, report, component.signature);
  return component;
}

/// The kind by what the file holds: `type` may be the mistake.
Component check_by_kind(Context& context, const Report& report) {
  const YamlNode& root = *report.file().root;
  if (root.find("jobs") != nullptr ||
      (says(root.find("type"), "pipeline") && root.find("command") == nullptr))
    return check_pipeline_component(context, report);
  for (const char* const other : {"parallel", "spark", "automl", "data_transfer", "import"})
    if (says(root.find("type"), other))
      return {Component::Kind::other, check_signature(report, root), false};
  check_schema(report, {"commandComponent"});
  return check_command_component(context, report, root, {report.top(), "a component"}, false);
}

void check_registered(const Report& report, const YamlNode& reference) {
  static const std::regex pattern(
      "azureml:(//registries/[^/]+/components/.+|/.+|//subscriptions/.+|"
      "[A-Za-z0-9][A-Za-z0-9._-]*(:[A-Za-z0-9._-]+|@[A-Za-z0-9_-]+)?)");
  if (reference.text.size() < 500 && !std::regex_match(reference.text, pattern))
    report.error(reference.at,
                 describe(reference) + " names no component: write azureml:NAME:VERSION");
}

}  // namespace

const Component* check_component_file(Context& context, const Report& report) {
  const std::string path = std::filesystem::weakly_canonical(report.file().path).string();
  const auto [known, is_new] = context.components.emplace(path, std::nullopt);
  if (is_new) {
    // Not through `known`: more components may come to be known on the way.
    check_file_syntax(report);
    const Component component = check_by_kind(context, report);
    context.components[path] = component;
  }
  const std::optional<Component>& component = context.components[path];
  return component && component->signature.known ? &*component : nullptr;
}

const Component* named_component(Context& context, const Report& report, const YamlEntry& entry) {
  const YamlNode& reference = *entry.value;
  if (reference.is_mapping()) {
    const std::string key = entry.key->text;
    if (reference.find("jobs") != nullptr || says(reference.find("type"), "pipeline")) {
      report.error(entry.key->at,
                   "a pipeline component must be a file of its own: write the file's path");
      return nullptr;
    }
    if (reference.find("command") == nullptr && reference.find("environment") == nullptr &&
        !has_misspelt(reference, command_fields(), "command")) {
      report.error(entry.key->at, in_quotes(key) +
                                      " must be a component's file, azureml:NAME:VERSION "
                                      "or a mapping with 'command' and 'environment'");
      return nullptr;
    }
    // Each use has its own place, which keeps the facts.
    std::optional<Component>& component =
        context.components[report.file().path.string() + '#' + std::to_string(reference.at.line) +
                           ':' + std::to_string(reference.at.column)];
    component =
        check_command_component(context, report, reference, {entry.key->at, in_quotes(key)}, true);
    return component->signature.known ? &*component : nullptr;
  }
  if (!reference.is_scalar() || reference.type != ScalarType::text || reference.text.empty()) {
    report.error(reference.at, in_quotes(entry.key->text) +
                                   " must be a component's file or azureml:NAME:VERSION, not " +
                                   describe(reference));
    return nullptr;
  }
  if (is_registered(reference.text)) {
    check_registered(report, reference);
    return nullptr;
  }
  const std::filesystem::path path = Project::path_of(report.file(), reference.text);
  const YamlFile* file = load_named(report, context.project, reference, path);
  if (file == nullptr) return nullptr;
  const std::string canonical = std::filesystem::weakly_canonical(path).string();
  const auto known = context.components.find(canonical);
  if (known != context.components.end() && !known->second) {
    report.error(reference.at, "the component '" + path.string() + "' holds itself");
    return nullptr;
  }
  return check_component_file(context, Report(*file, context.findings));
}

}  // namespace gradstep::pipeline
