#include "steps/pipeline/check/job_ports.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "steps/pipeline/check/environment.hpp"
#include "steps/pipeline/check/port_names.hpp"
#include "steps/pipeline/check/shape.hpp"

namespace gradstep::pipeline {
namespace {

const Fields& input_fields() {
  static const std::string declared = "is no key of a job's input: a component declares it";
  static const Fields fields = {{"type", anything()},
                                {"path", anything()},
                                {"mode", anything()},
                                {"path_on_compute", text()},
                                {"datastore", text()},
                                {"value", anything()},
                                {"default", refused(declared)},
                                {"optional", refused(declared)},
                                {"description", refused(declared)}};
  return fields;
}

const Fields& output_fields() {
  static const Fields fields = {{"$schema", anything()},
                                {"type", anything()},
                                {"mode", word({"rw_mount", "upload", "mount", "direct"})},
                                {"path", text()},
                                {"name", text()},
                                {"version", version()},
                                {"description", refused("is no key of a job's output")}};
  return fields;
}

std::vector<std::string> data_types() {
  return {"uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model"};
}

constexpr const char* not_an_output = ": an output is a file or a folder";

/// The type of a mapping that names data; nullopt: none, or a mistake, which is reported.
std::optional<PortType> check_data_type(const Report& report, const YamlNode& mapping,
                                        const std::string& instead_of_value) {
  const YamlNode* type = mapping.find("type");
  if (type == nullptr) return std::nullopt;
  const auto known = port_type(type->is_scalar() ? lower_case(type->text) : "");
  if (known && !is_primitive(*known)) return known;
  const std::string hint = known ? instead_of_value : "";
  report.error(type->at, "the type must be " + one_of(data_types()) + ", not " + describe(*type) +
                             hint + did_you_mean(known ? "" : type->text, data_types()));
  return std::nullopt;
}

void check_mode(const Report& report, const YamlNode& mapping, std::optional<PortType> type) {
  const YamlNode* mode = mapping.find("mode");
  if (mode == nullptr || Wiring::is_binding(*mode)) return;
  std::vector<std::string> modes = {"ro_mount", "download", "direct"};
  if (type == PortType::mltable) modes.insert(modes.end(), {"eval_mount", "eval_download"});
  const std::string word = mode->is_scalar() ? lower_case(mode->text) : "";
  if (std::find(modes.begin(), modes.end(), word) == modes.end())
    report.error(mode->at,
                 "the mode of an input must be " + one_of(modes) + ", not " + describe(*mode));
}

void check_data_path(const Report& report, const YamlNode& path) {
  if (!path.is_scalar() || path.type != ScalarType::text) {
    report.error(path.at, "'path' must be a text, not " + describe(path));
    return;
  }
  const std::string& text = path.text;
  const bool named = is_registered(text) && !text.starts_with("azureml:/");
  if (named && text.find_first_of(":@", 8) == std::string::npos) {
    report.error(path.at, "'" + text + "' names no version: write " + text + ":VERSION");
  } else {
    check_path(report, path);
  }
}

/// A mapping `{type, path, mode}`; the path may be a binding where a step stands.
std::optional<PortType> check_data(const Report& report, const YamlEntry& entry, bool in_step) {
  const YamlNode& node = *entry.value;
  const std::string& name = entry.key->text;
  const std::size_t before = report.findings().count();
  const bool fine = check_fields(report, node, {entry.key->at, "the input '" + name + "'"},
                                 input_fields(), in_step ? Bindings::allowed : Bindings::refused);
  const std::optional<PortType> type =
      check_data_type(report, node, ": write a value without a mapping");
  if (!fine) return type;
  check_mode(report, node, type);
  if (const YamlNode* path = node.find("path")) {
    if (!in_step || !Wiring::is_binding(*path)) check_data_path(report, *path);
  } else if (report.findings().count() == before) {
    report.error(entry.key->at, "the input '" + name + "' has no 'path'");
  }
  // Without a type it is a folder to Azure ML.
  if (node.find("type") == nullptr && report.findings().count() == before)
    return PortType::uri_folder;
  return type;
}

bool is_value(const YamlNode& node) {
  return node.is_mapping() && node.find("value") != nullptr && node.find("path") == nullptr &&
         node.find("type") == nullptr;
}

void check_literal(const Report& report, const Port& port, const YamlNode& value) {
  if (!port.type) return;
  if (const auto wrong = misfit(port.rules, value, false))
    report.add(wrong->severity, value.at, "the input '" + port.name + "': " + wrong->message);
}

void check_given_input(const Report& report, const std::string& step, const Port* port,
                       const YamlEntry& entry, Wiring& wiring) {
  const YamlNode& value = *entry.value;
  const std::string named = "the input '" + entry.key->text + "'";
  if (value.is_sequence() || value.is_null()) {
    report.error(value.at, named + " must be a value, a binding or a mapping with 'path', not " +
                               describe(value));
  } else if (is_value(value)) {
    const YamlNode& inner = *value.find("value");
    if (Wiring::is_binding(inner)) return wiring.check_input(step, port, inner);
    if (port != nullptr) check_literal(report, *port, inner);
  } else if (value.is_mapping() && port != nullptr && port->type && is_primitive(*port->type)) {
    report.error(value.at, named + " is a mapping, the port is " + with_article(*port->type) +
                               ": write a value");
  } else if (value.is_mapping()) {
    const std::optional<PortType> type = check_data(report, entry, true);
    const YamlNode* path = value.find("path");
    const bool bound = path != nullptr && Wiring::is_binding(*path);
    if (bound) wiring.check_input(step, port, *path);
    if (port == nullptr || !port->type) return;
    if (const YamlNode* word = value.find("type"); word != nullptr && type && !bound) {
      if (!fits(*type, *port->type))
        report.error(word->at, named + " is a " + std::string(to_word(*type)) + ", the port is a " +
                                   std::string(to_word(*port->type)));
    }
  } else if (Wiring::is_binding(value)) {
    wiring.check_input(step, port, value);
  } else if (port != nullptr && port->type && !is_primitive(*port->type) &&
             value.type == ScalarType::text) {
    check_data_path(report, value);  // the SDK takes the text for the path
  } else if (port != nullptr) {
    check_literal(report, *port, value);
  }
}

void check_missing(const Report& report, const PortsOfStep& step, const YamlNode* inputs,
                   const YamlNode* swept) {
  for (const Port& port : step.signature->inputs) {
    if (!port.required()) continue;
    const bool given = (inputs != nullptr && inputs->find(port.name) != nullptr) ||
                       (swept != nullptr && swept->find(port.name) != nullptr);
    if (!given)
      report.error(step.at,
                   "'" + step.name + "' lacks the input '" + port.name + "', which is required");
  }
}

}  // namespace

void check_given_inputs(const Report& report, const PortsOfStep& step, const YamlEntry* inputs,
                        const YamlNode* swept, Wiring& wiring) {
  bool all_known = true;
  const YamlNode* given = inputs != nullptr ? inputs->value.get() : nullptr;
  if (given != nullptr && !check_names(report, *given, "inputs")) return;
  for (const YamlEntry* entry :
       given != nullptr ? entries_of(*given) : std::vector<const YamlEntry*>()) {
    const Port* port = nullptr;
    if (step.signature != nullptr) {
      port = port_of(step.signature->inputs, entry->key->text);
      if (port == nullptr) {
        all_known = false;
        report.error(entry->key->at,
                     "unknown input '" + entry->key->text + "' of '" + step.name + "'" +
                         suggestion(entry->key->text, names_of(step.signature->inputs)));
        // What it names is used, though.
        if (Wiring::is_binding(*entry->value))
          wiring.check_input(step.name, nullptr, *entry->value);
        continue;
      }
    }
    if (swept != nullptr && swept->find(entry->key->text) != nullptr)
      report.error(entry->key->at, "the input '" + entry->key->text +
                                       "' is in the search space as well: remove one");
    check_given_input(report, step.name, port, *entry, wiring);
  }
  // A misspelt input is not missing as well.
  if (step.signature != nullptr && all_known && !step.inputs_misspelt)
    check_missing(report, step, given, swept);
}

void check_given_outputs(const Report& report, const PortsOfStep& step, const YamlEntry* outputs,
                         Wiring& wiring) {
  if (outputs == nullptr || !check_names(report, *outputs->value, "outputs")) return;
  for (const YamlEntry* entry : entries_of(*outputs->value)) {
    const YamlNode& value = *entry->value;
    const std::string& name = entry->key->text;
    const Port* port = nullptr;
    if (step.signature != nullptr) {
      port = port_of(step.signature->outputs, name);
      if (port == nullptr) {
        report.error(entry->key->at, "unknown output '" + name + "' of '" + step.name + "'" +
                                         suggestion(name, names_of(step.signature->outputs)));
        continue;
      }
    }
    if (value.is_null()) continue;
    if (value.is_mapping()) {
      check_fields(report, value, {entry->key->at, "the output '" + name + "'"}, output_fields(),
                   Bindings::allowed);
      const auto type = check_data_type(report, value, not_an_output);
      if (type && port != nullptr && port->type && !fits(*port->type, *type))
        report.error(value.find("type")->at, "the output '" + name + "' is a " +
                                                 std::string(to_word(*port->type)) + ", not a " +
                                                 std::string(to_word(*type)));
      const YamlNode* path = value.find("path");
      const bool to_parent = path != nullptr && path->text.find("parent.") != std::string::npos;
      if (to_parent && Wiring::is_binding(*path)) wiring.check_output(step.name, name, port, *path);
    } else if (Wiring::is_binding(value)) {
      wiring.check_output(step.name, name, port, value);
    } else {
      report.error(value.at, "the output '" + name +
                                 "' must be ${{parent.outputs.NAME}} or a mapping, not " +
                                 describe(value));
    }
  }
}

PipelineScope check_job_ports(const Report& report, const YamlNode& job) {
  PipelineScope scope;
  PortNames input_names(report);
  PortNames output_names(report);
  const YamlEntry* inputs = job.entry("inputs");
  scope.inputs_known = inputs == nullptr || check_names(report, *inputs->value, "inputs");
  for (const YamlEntry* entry : inputs != nullptr && scope.inputs_known
                                    ? entries_of(*inputs->value)
                                    : std::vector<const YamlEntry*>()) {
    input_names.check(*entry->key);
    PipelinePort port{entry->key->text, entry->key->at};
    const YamlNode& value = *entry->value;
    if (is_value(value)) {
      port.literal = value.find("value");
    } else if (value.is_mapping()) {
      port.type = check_data(report, *entry, false);
    } else if (value.is_scalar() && !value.is_null()) {
      port.literal = &value;
    } else {
      report.error(value.at, "the input '" + port.name +
                                 "' must be a value or a mapping with 'path', not " +
                                 describe(value));
    }
    scope.inputs.push_back(port);
  }
  const YamlEntry* outputs = job.entry("outputs");
  scope.outputs_known = outputs == nullptr || check_names(report, *outputs->value, "outputs");
  for (const YamlEntry* entry : outputs != nullptr && scope.outputs_known
                                    ? entries_of(*outputs->value)
                                    : std::vector<const YamlEntry*>()) {
    output_names.check(*entry->key);
    PipelinePort port{entry->key->text, entry->key->at};
    const YamlNode& value = *entry->value;
    if (!value.is_null()) {
      const Owner owner = {entry->key->at, "the output '" + port.name + "'"};
      if (check_fields(report, value, owner, output_fields())) {
        port.type = check_data_type(report, value, not_an_output);
        if (value.find("version") != nullptr && value.find("name") == nullptr)
          report.error(entry->key->at, owner.name + " has a 'version' and no 'name'");
      }
    }
    scope.outputs.push_back(port);
  }
  return scope;
}

}  // namespace gradstep::pipeline
