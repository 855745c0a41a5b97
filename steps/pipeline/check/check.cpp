#include "steps/pipeline/check/check.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "steps/pipeline/check/assets.hpp"
#include "steps/pipeline/check/component.hpp"
#include "steps/pipeline/check/environment.hpp"
#include "steps/pipeline/check/jobs.hpp"
#include "steps/pipeline/check/shape.hpp"
#include "steps/pipeline/check/syntax.hpp"

namespace gradstep::pipeline {
namespace {

enum class Kind {
  pipeline_job,
  component,
  environment,
  sweep_job,
  command_job,
  data_asset,
  cluster,
  other
};

/// Whether a `command` is a job's: components have a name, no compute, and inputs with a type.
bool is_job(const YamlNode& root) {
  if (root.find("experiment_name") != nullptr) return true;
  if (root.find("name") != nullptr) return false;
  const YamlNode* inputs = root.find("inputs");
  return root.find("compute") != nullptr ||
         (inputs != nullptr && inputs->is_mapping() && !inputs->entries.empty() &&
          std::none_of(inputs->entries.begin(), inputs->entries.end(),
                       [](const YamlEntry& input) { return input.value->is_mapping(); }));
}

/// What a file is, by its keys first: `type` and `$schema` may be the mistake.
Kind kind_of(const YamlNode& root) {
  const std::string schema = root.text_of("$schema");
  const std::string type = lower_case(root.text_of("type"));
  const auto has = [&](const char* key) { return root.find(key) != nullptr; };
  const auto schema_has = [&](const char* word) { return schema.find(word) != std::string::npos; };
  if (has("search_space") || has("trial") || type == "sweep") return Kind::sweep_job;
  if (has("jobs") || type == "pipeline" || schema_has("pipelineJob")) {
    const bool component = schema_has("pipelineComponent") ||
                           (!schema_has("pipelineJob") && has("name") && !has("settings") &&
                            !has("compute") && !has("experiment_name"));
    return has("command") ? Kind::component : component ? Kind::component : Kind::pipeline_job;
  }
  if (schema_has("commandJob") ||
      (!schema_has("commandComponent") && has("command") && is_job(root)))
    return Kind::command_job;
  if (has("command") || type == "command" || schema_has("commandComponent")) return Kind::component;
  if (type == "amlcompute" || schema_has("amlCompute") || has("max_instances"))
    return Kind::cluster;
  if (has("image") || has("build") || has("conda_file") || schema_has("environment.schema"))
    return Kind::environment;
  if (schema_has("data.schema") || (type.starts_with("uri_") && has("path")) ||
      (type == "mltable" && has("path")))
    return Kind::data_asset;
  // A component without a command, rather than something unknown.
  if (has("environment") && (has("inputs") || has("outputs"))) return Kind::component;
  return Kind::other;
}

}  // namespace

Findings check(Project& project) {
  Findings findings;
  Context context{project, findings};
  const Report report(project.pipeline(), findings);
  switch (kind_of(*project.pipeline().root)) {
    case Kind::pipeline_job:
      check_pipeline_job(context, report);
      break;
    case Kind::component:
      (void)check_component_file(context, report);
      break;
    case Kind::environment:
      check_environment_file(report);
      break;
    case Kind::sweep_job:
      check_sweep_job(context, report);
      break;
    case Kind::command_job:
      check_command_job(context, report);
      break;
    case Kind::data_asset:
      check_data_asset(report);
      break;
    case Kind::cluster:
      check_cluster(report);
      break;
    case Kind::other:
      check_file_syntax(report);
      break;
  }
  return findings;
}

}  // namespace gradstep::pipeline
