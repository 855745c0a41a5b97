#include "steps/pipeline/check/signature.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "steps/pipeline/check/numbers.hpp"
#include "steps/pipeline/check/port_names.hpp"
#include "steps/pipeline/check/shape.hpp"

namespace gradstep::pipeline {
namespace {

enum class Side { input, output };

std::vector<std::string> type_words() {
  std::vector<std::string> words;
  for (int type = 0; type <= static_cast<int>(PortType::triton_model); ++type)
    words.emplace_back(to_word(static_cast<PortType>(type)));
  return words;
}

const Fields& value_fields() {
  static const Fields fields = {
      {"type", anything()},
      {"description", text()},
      {"optional", boolean()},
      {"default", anything()},
      {"min", anything()},
      {"max", anything()},
      {"enum", anything()},
      {"mode", refused("is for files and folders: this port is handed a value")},
      {"path", refused("belongs to the job that uses the component")}};
  return fields;
}

const Fields& data_fields() {
  static const std::string values_only = "is for values: this port is a file or folder";
  static const Fields fields = {{"type", anything()},
                                {"description", text()},
                                {"optional", boolean()},
                                {"mode", anything()},
                                {"default", refused("is for values: a file or folder has none")},
                                {"min", refused(values_only)},
                                {"max", refused(values_only)},
                                {"enum", refused(values_only)},
                                {"path", refused("belongs to the job that uses the component")}};
  return fields;
}

const Fields& output_fields() {
  static const Fields fields = {{"type", anything()},
                                {"description", text()},
                                {"mode", anything()},
                                {"optional", refused("is for inputs: every output is made")},
                                {"path", refused("belongs to the job that uses the component")}};
  return fields;
}

/// Of an unknown type either kind's keys may be right.
const Fields& any_fields() {
  static const Fields fields = {{"type", anything()},    {"description", text()},
                                {"optional", boolean()}, {"default", anything()},
                                {"min", anything()},     {"max", anything()},
                                {"enum", anything()},    {"mode", anything()}};
  return fields;
}

/// One side of a signature.
class PortsCheck {
 public:
  PortsCheck(const Report& report, Side side) : report_(report), side_(side) {}

  /// nullopt: there are no names.
  [[nodiscard]] std::optional<std::vector<Port>> check(const YamlEntry& entry) const {
    const std::string name = entry.key->text;
    if (entry.value->is_null()) {
      report_.error(entry.value->at,
                    in_quotes(name) + " has no value: give it one, or remove the key");
      return std::nullopt;
    }
    if (!check_names(report_, *entry.value, name)) return std::nullopt;
    std::vector<Port> ports;
    PortNames names(report_);
    for (const YamlEntry* port : entries_of(*entry.value)) {
      if (!port->key->is_scalar()) continue;
      ports.push_back(check_port(*port));
      names.check(*port->key);
    }
    return ports;
  }

 private:
  [[nodiscard]] Port check_port(const YamlEntry& entry) const {
    Port port;
    port.name = entry.key->text;
    port.at = entry.key->at;
    const YamlNode& node = *entry.value;
    if (!node.is_mapping()) {
      report_.error(node.at, "the port '" + port.name + "' must be a mapping with 'type', not " +
                                 describe(node));
      port.optional_known = false;
      return port;
    }
    port.optional_known = check_type(entry, port);
    if (!port.optional_known) return port;
    const bool is_value = port.type && is_primitive(*port.type);
    const std::string owner = side_ == Side::input ? "an input" : "an output";
    check_fields(report_, node, {port.at, owner},
                 side_ == Side::output ? output_fields()
                 : !port.type          ? any_fields()
                 : is_value            ? value_fields()
                                       : data_fields());
    if (const YamlNode* optional = node.find("optional")) {
      port.optional = boolean_in(*optional).value_or(false);
      port.optional_known = boolean_in(*optional).has_value();
    } else if (side_ == Side::input) {
      port.optional_known = !has_misspelt(node, any_fields(), "optional");
    }
    port.has_default = node.find("default") != nullptr;
    if (side_ == Side::input && is_value) check_value(node, port);
    if (port.type && !is_value) check_mode(node, *port.type);
    return port;
  }

  /// Returns whether there is a type, be it misspelt.
  bool check_type(const YamlEntry& entry, Port& port) const {
    const YamlNode* type = entry.value->find("type");
    if (type == nullptr) {
      if (has_misspelt(*entry.value, any_fields(), "type")) return true;
      report_.error(entry.key->at, "the port '" + port.name + "' has no 'type'");
      return false;
    }
    if (type->is_scalar()) port.type = port_type(type->text);
    if (says(type, "path")) {
      report_.warning(type->at, "the type path is an old one: write uri_file or uri_folder");
    } else if (!port.type) {
      const std::string word = type->is_scalar() ? type->text : "";
      report_.error(type->at, "unknown type " + describe(*type) + " of a port: write " +
                                  one_of(type_words()) + did_you_mean(word, type_words()));
    } else if (side_ == Side::output && is_primitive(*port.type)) {
      report_.error(type->at, "an output cannot be a value (" + type->text +
                                  "): write uri_file or uri_folder");
      port.type.reset();
    }
    if (port.type) port.rules.type = *port.type;
    return true;
  }

  void check_mode(const YamlNode& node, PortType type) const {
    const YamlNode* mode = node.find("mode");
    if (mode == nullptr) return;
    std::vector<std::string> modes = {"ro_mount", "download", "direct"};
    if (type == PortType::mltable) modes.insert(modes.end(), {"eval_mount", "eval_download"});
    if (side_ == Side::output) modes = {"rw_mount", "upload", "mount", "direct"};
    if (mode->is_scalar() && std::find(modes.begin(), modes.end(), mode->text) != modes.end())
      return;
    report_.error(mode->at, "the mode of an " +
                                std::string(side_ == Side::input ? "input" : "output") +
                                " must be " + one_of(modes) + ", not " + describe(*mode));
  }

  void check_value(const YamlNode& node, Port& port) const {
    port.rules.min = check_limit(node, "min", port.rules.type);
    port.rules.max = check_limit(node, "max", port.rules.type);
    check_choices(node, port.rules);
    const YamlNode* value = node.find("default");
    if (port.rules.min && port.rules.max && *port.rules.min > *port.rules.max) {
      report_.error(node.find("min")->at,
                    "min " + node.text_of("min") + " is above max, " + node.text_of("max"));
      port.rules.min.reset();
      port.rules.max.reset();
    }
    if (value == nullptr) return;
    if (const auto wrong = misfit(port.rules, *value, true))
      report_.add(wrong->severity, value->at, "default of '" + port.name + "': " + wrong->message);
  }

  [[nodiscard]] std::optional<double> check_limit(const YamlNode& node, const std::string& key,
                                                  PortType type) const {
    const YamlEntry* entry = node.entry(key);
    if (entry == nullptr) return std::nullopt;
    if (type != PortType::number && type != PortType::integer) {
      report_.error(entry->key->at,
                    in_quotes(key) + " is for numbers: this port is " + with_article(type));
      return std::nullopt;
    }
    const auto wrong =
        misfit({.type = type, .min = {}, .max = {}, .choices = {}}, *entry->value, true);
    if (wrong)
      report_.add(wrong->severity, entry->value->at, in_quotes(key) + ": " + wrong->message);
    if (wrong && wrong->severity == Severity::error) return std::nullopt;
    return number_in(*entry->value);
  }

  void check_choices(const YamlNode& node, ValueRules& rules) const {
    const YamlEntry* entry = node.entry("enum");
    if (entry == nullptr) return;
    if (rules.type != PortType::string) {
      report_.error(entry->key->at,
                    "'enum' is for texts: this port is " + with_article(rules.type));
      return;
    }
    if (!entry->value->is_sequence() || entry->value->items.empty()) {
      report_.error(entry->value->at, "'enum' must be a list of texts, not " +
                                          (entry->value->is_sequence() ? std::string("an empty one")
                                                                       : describe(*entry->value)));
      return;
    }
    std::vector<std::string> choices;
    for (const auto& item : entry->value->items) {
      choices.push_back(item->text);
      if (item->is_scalar() && item->type == ScalarType::text) continue;
      report_.error(item->at, "a value of 'enum' must be a text, not " + describe(*item) +
                                  (item->is_scalar() ? write_in_quotes(*item) : ""));
      return;
    }
    rules.choices = choices;
  }

  const Report& report_;
  Side side_;
};

}  // namespace

const Port* port_of(const std::vector<Port>& ports, const std::string& name) {
  const auto found =
      std::find_if(ports.begin(), ports.end(), [&](const Port& port) { return port.name == name; });
  return found == ports.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(const std::vector<Port>& ports) {
  std::vector<std::string> names;
  names.reserve(ports.size());
  for (const Port& port : ports) names.push_back(port.name);
  return names;
}

Signature check_signature(const Report& report, const YamlNode& component) {
  Signature signature;
  for (const Side side : {Side::input, Side::output}) {
    const YamlEntry* entry = component.entry(side == Side::input ? "inputs" : "outputs");
    if (entry == nullptr) continue;
    const auto ports = PortsCheck(report, side).check(*entry);
    signature.known = signature.known && ports.has_value();
    (side == Side::input ? signature.inputs : signature.outputs) =
        ports.value_or(std::vector<Port>());
  }
  for (const Port& output : signature.outputs)
    if (port_of(signature.inputs, output.name) != nullptr)
      report.error(output.at, "'" + output.name + "' is an input already: choose another name");
  return signature;
}

}  // namespace gradstep::pipeline
