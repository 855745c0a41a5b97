#include "steps/pipeline/check/run_settings.hpp"

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

namespace gradstep::pipeline {
namespace {

const Fields& distribution_fields(const std::string& type) {
  static const Fields processes = {{"type", anything()},
                                   {"process_count_per_instance", integer(1)}};
  static const Fields tensorflow = {
      {"type", anything()}, {"worker_count", integer(1)}, {"parameter_server_count", integer(0)}};
  static const Fields ray = {{"type", anything()},
                             {"port", integer(1)},
                             {"address", text()},
                             {"include_dashboard", boolean()},
                             {"dashboard_port", integer(1)},
                             {"head_node_additional_args", text()},
                             {"worker_node_additional_args", text()}};
  if (type == "tensorflow") return tensorflow;
  return type == "ray" ? ray : processes;
}

void check_distribution(const Report& report, const YamlEntry& entry, Bindings bindings) {
  static const std::vector<std::string> types = {"mpi", "pytorch", "tensorflow", "ray"};
  const YamlNode& node = *entry.value;
  if (is_binding(node, bindings)) return;
  const YamlNode* type = node.find("type");
  const std::string name = type != nullptr && type->is_scalar() ? lower_case(type->text) : "";
  if (type != nullptr && std::find(types.begin(), types.end(), name) == types.end()) {
    report.error(type->at, "the type of a distribution must be " + one_of(types) + ", not " +
                               describe(*type) + did_you_mean(name, types));
    return;
  }
  if (!check_fields(report, node, {entry.key->at, "a distribution"}, distribution_fields(name),
                    bindings))
    return;
  const Fields& fields = distribution_fields(name);
  if (type == nullptr && !has_misspelt(node, fields, "type"))
    report.error(entry.key->at, "the distribution has no 'type': write " + one_of(types));
  const std::string count = "process_count_per_instance";
  if ((name == "mpi" || name == "pytorch") && node.find(count) == nullptr &&
      !has_misspelt(node, fields, count)) {
    report.add(name == "mpi" ? Severity::error : Severity::warning, entry.key->at,
               "the distribution has no " + in_quotes(count));
  }
}

void check_shared_memory(const Report& report, const YamlNode& resources, Bindings bindings) {
  static const std::regex pattern("[0-9]*[1-9][0-9]*[bkmgBKMG]");
  const YamlNode* size = resources.find("shm_size");
  if (size == nullptr || is_binding(*size, bindings)) return;
  if (size->is_scalar() && size->type == ScalarType::text && size->text.size() < 30 &&
      std::regex_match(size->text, pattern))
    return;
  report.error(size->at,
               "'shm_size' must be a number above 0 with b, k, m or g behind it (2g), "
               "not " +
                   describe(*size));
}

void check_docker_arguments(const Report& report, const YamlNode& resources) {
  const YamlNode* arguments = resources.find("docker_args");
  if (arguments == nullptr) return;
  const auto text = [](const YamlNode& node) {
    return node.is_scalar() && node.type == ScalarType::text;
  };
  const bool list =
      arguments->is_sequence() && std::all_of(arguments->items.begin(), arguments->items.end(),
                                              [&](const auto& item) { return text(*item); });
  if (!text(*arguments) && !list)
    report.error(arguments->at,
                 "'docker_args' must be a text or a list of texts, not " + describe(*arguments));
}

void check_identity(const Report& report, const YamlEntry& entry, Bindings bindings) {
  static const std::vector<std::string> types = {"user_identity", "managed", "managed_identity",
                                                 "aml_token"};
  static const Fields plain = {{"type", anything(), required}};
  static const Fields managed = {{"type", anything(), required},
                                 {"client_id", text()},
                                 {"object_id", text()},
                                 {"msi_resource_id", text()}};
  if (is_binding(*entry.value, bindings)) return;
  const YamlNode* type = entry.value->find("type");
  const auto squeezed = [](std::string word) {
    std::erase(word, '_');
    return lower_case(word);
  };
  const std::string name = type != nullptr && type->is_scalar() ? squeezed(type->text) : "";
  const auto known = [&](const std::string& word) { return squeezed(word) == name; };
  if (type != nullptr && std::none_of(types.begin(), types.end(), known)) {
    report.error(type->at, "the type of an identity must be " + one_of(types) + ", not " +
                               describe(*type) + did_you_mean(name, types));
    return;
  }
  const bool plain_type = name == "useridentity" || name == "amltoken";
  check_fields(report, *entry.value, {entry.key->at, "an identity"}, plain_type ? plain : managed,
               bindings);
}

void check_services(const Report& report, const YamlEntry& entry, Bindings bindings) {
  static const Fields common = {{"type", text()},
                                {"port", integer(1)},
                                {"nodes", text()},
                                {"properties", any_map()},
                                {"endpoint", anything()},
                                {"status", anything()},
                                {"error_message", anything()}};
  static const auto with = [](const char* key) {
    Fields fields = common;
    fields.push_back({key, text()});
    return fields;
  };
  static const Fields board = with("log_dir");
  static const Fields ssh = with("ssh_public_keys");
  if (entry.value->is_null() || is_binding(*entry.value, bindings)) return;
  if (!check_names(report, *entry.value, "services")) return;
  for (const YamlEntry* service : entries_of(*entry.value)) {
    const YamlNode* type = service->value->find("type");
    const Fields& fields = says(type, "tensor_board") ? board : says(type, "ssh") ? ssh : common;
    check_fields(report, *service->value,
                 {service->key->at, "the service '" + service->key->text + "'"}, fields, bindings);
  }
}

void check_variables(const Report& report, const YamlEntry& entry, Bindings bindings) {
  if (is_binding(*entry.value, bindings)) return;
  if (!check_names(report, *entry.value, "environment_variables")) return;
  for (const YamlEntry* variable : entries_of(*entry.value)) {
    const YamlNode& value = *variable->value;
    const std::string& name = variable->key->text;
    constexpr std::string_view forbidden("= \t\r\n\0", 6);
    if (name.empty() || name.find_first_of(forbidden) != std::string::npos)
      report.error(variable->key->at, "an environment variable cannot have the name '" + name +
                                          "': write letters, digits and '_'");
    if (value.text.find('\0') != std::string::npos)
      report.error(value.at, "the environment variable " + name + " holds a zero byte");
    if (value.is_scalar() && value.type == ScalarType::text) continue;
    report.error(value.at, "the environment variable " + variable->key->text +
                               " must be a text, not " + describe(value) +
                               (value.is_scalar() ? write_in_quotes(value) : ""));
  }
}

}  // namespace

Fields keys_of_any_job() {
  Fields fields = {{"$schema", text()},
                   {"type", anything()},
                   {"name", text()},
                   {"display_name", text()},
                   {"experiment_name", text()},
                   {"description", text()},
                   {"tags", loose_text_map()},
                   {"properties", loose_text_map()},
                   {"compute", text()},
                   {"identity", anything()},
                   {"services", anything()},
                   {"inputs", anything()},
                   {"outputs", anything()}};
  for (const char* const given : {"id", "status", "creation_context", "log_files"})
    fields.push_back({given, anything()});
  return fields;
}

const Fields& resources_fields() {
  static const Fields fields = {{"instance_count", integer(1)},    {"instance_type", text()},
                                {"properties", any_map()},         {"shm_size", anything()},
                                {"docker_args", anything()},       {"locations", texts()},
                                {"max_instance_count", integer(1)}};
  return fields;
}

const Fields& limits_fields() {
  static const Fields fields = {{"timeout", integer(1)}};
  return fields;
}

const Fields& queue_fields() {
  static const Fields fields = {
      {"job_tier", word({"spot", "basic", "standard", "premium", "null"})},
      {"priority", word({"low", "medium", "high"})}};
  return fields;
}

bool names_compute(const YamlNode& node) {
  const YamlNode* compute = node.find("compute");
  return compute != nullptr &&
         !(compute->is_scalar() && compute->type == ScalarType::text && compute->text.empty());
}

void check_run_settings(const Report& report, const YamlNode& node, Bindings bindings) {
  if (const YamlNode* resources = node.find("resources")) {
    check_shared_memory(report, *resources, bindings);
    check_docker_arguments(report, *resources);
  }
  if (const YamlEntry* entry = node.entry("distribution"))
    check_distribution(report, *entry, bindings);
  if (const YamlEntry* entry = node.entry("identity")) check_identity(report, *entry, bindings);
  if (const YamlEntry* entry = node.entry("services")) check_services(report, *entry, bindings);
  if (const YamlEntry* entry = node.entry("environment_variables"))
    check_variables(report, *entry, bindings);
}

}  // namespace gradstep::pipeline
