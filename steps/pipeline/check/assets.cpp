#include "steps/pipeline/check/assets.hpp"

#include <string>
#include <vector>

#include "steps/pipeline/check/command.hpp"
#include "steps/pipeline/check/environment.hpp"
#include "steps/pipeline/check/job_ports.hpp"
#include "steps/pipeline/check/numbers.hpp"
#include "steps/pipeline/check/run_settings.hpp"
#include "steps/pipeline/check/sweep.hpp"
#include "steps/pipeline/check/syntax.hpp"

namespace gradstep::pipeline {
namespace {

const Fields& data_fields() {
  static const Fields fields = {{"$schema", text()},
                                {"type", word({"uri_file", "uri_folder", "mltable"})},
                                {"name", text()},
                                {"version", version()},
                                {"path", text(), required},
                                {"description", text()},
                                {"tags", text_map()},
                                {"datastore", text()},
                                {"id", anything()},
                                {"creation_context", anything()},
                                {"latest_version", anything()},
                                {"properties", anything()}};
  return fields;
}

const Fields& cluster_fields() {
  static const Fields ssh = {
      {"admin_username", text()}, {"admin_password", text()}, {"ssh_key_value", text()}};
  static const Fields network = {{"vnet_name", text()},
                                 {"subnet", text()},
                                 {"public_ip_address", anything()},
                                 {"private_ip_address", anything()}};
  static const Fields assigned = {{"resource_id", text()},
                                  {"principal_id", anything()},
                                  {"client_id", anything()},
                                  {"tenant_id", anything()}};
  static const Fields identity = {
      {"type", word({"system_assigned", "user_assigned", "none", "system_assigned,user_assigned"})},
      {"user_assigned_identities", mappings(assigned)},
      {"principal_id", anything()},
      {"tenant_id", anything()}};
  static const Fields fields = {{"$schema", text()},
                                {"type", word({"amlcompute"}), required},
                                {"name", text(), required},
                                {"location", text()},
                                {"description", text()},
                                {"tags", text_map()},
                                {"resource_id", text()},
                                {"size", text()},
                                {"tier", word({"low_priority", "dedicated"})},
                                {"min_instances", integer(0)},
                                {"max_instances", integer(0)},
                                {"idle_time_before_scale_down", integer(0)},
                                {"ssh_public_access_enabled", boolean()},
                                {"ssh_settings", mapping(ssh)},
                                {"network_settings", mapping(network)},
                                {"identity", mapping(identity)},
                                {"enable_node_public_ip", boolean()},
                                {"id", anything()},
                                {"created_on", anything()},
                                {"provisioning_state", anything()},
                                {"provisioning_errors", anything()}};
  return fields;
}

const Fields& command_fields() {
  static const Fields fields = {{"command", text(), required},
                                {"code", text()},
                                {"environment", anything(), required},
                                {"environment_variables", anything()},
                                {"resources", mapping(resources_fields())},
                                {"distribution", anything()},
                                {"queue_settings", mapping(queue_fields())}};
  return fields;
}

const Fields& command_job_fields() {
  static const Fields fields = [] {
    Fields all = keys_of_any_job();
    all.insert(all.end(), command_fields().begin(), command_fields().end());
    all.push_back({"limits", mapping(limits_fields())});
    all.push_back({"parent_job_name", text()});
    return all;
  }();
  return fields;
}

const Fields& sweep_job_fields() {
  static const Fields fields = [] {
    Fields all = keys_of_any_job();
    all.insert(all.end(), sweep_key_fields().begin(), sweep_key_fields().end());
    all.push_back({"trial", mapping(command_fields()), required});
    return all;
  }();
  return fields;
}

std::vector<Port> as_ports(const std::vector<PipelinePort>& from) {
  std::vector<Port> ports;
  for (const PipelinePort& port : from) {
    Port declared;
    declared.name = port.name;
    declared.at = port.at;
    ports.push_back(declared);
  }
  return ports;
}

/// `node` holds command, code and environment: a command job, or a sweep job's trial.
void check_runnable(Context& context, const Report& report, const YamlNode& node,
                    const std::vector<std::string>& search_space) {
  check_run_settings(report, node, Bindings::refused);
  if (const YamlEntry* environment = node.entry("environment"))
    check_environment(report, context.project, *environment);
  if (const YamlNode* code = node.find("code")) check_code(report, *code);
  const PipelineScope scope = check_job_ports(report, *report.file().root);
  const YamlNode* command = node.find("command");
  if (command == nullptr || !scope.inputs_known || !scope.outputs_known) return;
  CommandScope names;
  names.in_job = true;
  names.ports.inputs = as_ports(scope.inputs);
  names.ports.outputs = as_ports(scope.outputs);
  names.search_space = search_space;
  check_command(report, *command, names);
}

}  // namespace

void check_data_asset(const Report& report) {
  check_file_syntax(report);
  const YamlNode& root = *report.file().root;
  check_schema(report, {"data"});
  check_fields(report, root, {report.top(), "a data asset"}, data_fields());
  if (const YamlNode* path = root.find("path");
      path != nullptr && path->is_scalar() && path->type == ScalarType::text)
    check_path(report, *path);
}

void check_cluster(const Report& report) {
  check_file_syntax(report);
  const YamlNode& root = *report.file().root;
  check_schema(report, {"amlCompute", "compute"});
  check_fields(report, root, {report.top(), "a compute cluster"}, cluster_fields());
  const YamlNode* least = root.find("min_instances");
  const YamlNode* most = root.find("max_instances");
  const auto from = least != nullptr ? number_in(*least) : std::nullopt;
  const auto to = most != nullptr ? number_in(*most) : std::nullopt;
  if (from && to && *from > *to)
    report.error(least->at, "'min_instances' " + least->text + " is larger than 'max_instances', " +
                                most->text);
}

void check_sweep_job(Context& context, const Report& report) {
  check_file_syntax(report);
  const YamlNode& root = *report.file().root;
  check_schema(report, {"sweepJob"});
  check_fields(report, root, {report.top(), "a sweep job"}, sweep_job_fields());
  check_run_settings(report, root, Bindings::refused);
  check_sweep(report, root, nullptr);
  const YamlNode* trial = root.find("trial");
  if (trial == nullptr || !trial->is_mapping()) return;
  std::vector<std::string> searched;
  if (const YamlNode* space = root.find("search_space"); space != nullptr && space->is_mapping())
    for (const YamlEntry* entry : entries_of(*space)) searched.push_back(entry->key->text);
  check_runnable(context, report, *trial, searched);
}

void check_command_job(Context& context, const Report& report) {
  check_file_syntax(report);
  const YamlNode& root = *report.file().root;
  check_schema(report, {"commandJob"});
  check_fields(report, root, {report.top(), "a command job"}, command_job_fields());
  check_runnable(context, report, root, {});
}

}  // namespace gradstep::pipeline
