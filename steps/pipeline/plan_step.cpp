#include "steps/pipeline/plan_step.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "steps/error.hpp"
#include "steps/pipeline/plan_scope.hpp"

namespace gradstep::pipeline {
namespace {

/// "azureml:gradstep-cpu:1", "azureml://registries/r/environments/gradstep-cpu/versions/1".
std::string registered_name(std::string reference) {
  const std::string folder = "/environments/";
  if (const std::size_t at = reference.find(folder); at != std::string::npos) {
    reference = reference.substr(at + folder.size());
    return reference.substr(0, reference.find('/'));
  }
  reference = reference.substr(reference.find(':') + 1);
  return reference.substr(0, reference.find_first_of(":@"));
}

void read_environment(Project& project, const YamlFile& file, const YamlNode* environment,
                      Step& step) {
  if (environment == nullptr) return;
  if (environment->is_scalar()) {
    if (is_registered(environment->text)) {
      step.environment = registered_name(environment->text);
      return;
    }
    environment = project.load(Project::path_of(file, environment->text)).root.get();
  }
  step.environment = environment->text_of("name");
  step.image = environment->text_of("image");
}

std::filesystem::path code_of(const YamlFile& file, const YamlNode& component,
                              const std::string& name) {
  const std::string code = component.text_of("code");
  if (code.empty()) return {};
  if (is_elsewhere(code))
    throw UsageError("step " + name + ": its code, '" + code +
                     "', is not on this machine; use a folder here");
  return std::filesystem::absolute(Project::path_of(file, code)).lexically_normal();
}

double seconds(const YamlNode* limits, const char* key) {
  const YamlNode* value = limits != nullptr ? limits->find(key) : nullptr;
  return value != nullptr && !value->is_null() ? real_value(*value) : 0;
}

int count(const YamlNode* limits, const char* key, int otherwise) {
  const double value = seconds(limits, key);
  return value >= 1 ? static_cast<int>(std::min(value, 1e9)) : otherwise;
}

SearchParameter read_parameter(const std::string& input, const YamlNode& node) {
  SearchParameter parameter;
  parameter.input = input;
  parameter.distribution = node.text_of("type");
  if (const YamlNode* values = node.find("values"); values != nullptr)
    for (const auto& value : values->items)
      parameter.values.push_back(azure_text(type_of(*value), *value, false));
  for (const char* key : {"min_value", "max_value", "mu", "sigma", "upper", "q"})
    if (const YamlNode* number = node.find(key); number != nullptr && !number->is_null())
      parameter.numbers.push_back(real_value(*number));
  return parameter;
}

void read_sampling(const YamlNode* algorithm, const std::string& name, Sweep& sweep) {
  std::string word = "random";
  if (algorithm != nullptr) {
    word = algorithm->is_mapping() ? algorithm->text_of("type") : algorithm->text;
    const YamlNode* seed = algorithm->find("seed");
    if (seed != nullptr && !seed->is_null())
      sweep.seed = static_cast<std::uint64_t>(std::clamp(real_value(*seed), 0.0, 0x1p53));
  }
  if (word == "grid") {
    sweep.sampling = Sweep::Sampling::grid;
  } else if (word != "random") {
    throw UsageError("step " + name + ": " + word +
                     " sampling is Azure ML's own; sampling_algorithm can be grid or random here");
  }
}

Sweep read_sweep(const YamlNode& node, const std::string& name) {
  Sweep sweep;
  read_sampling(node.find("sampling_algorithm"), name, sweep);
  for (const YamlEntry& entry : members(node.find("search_space")))
    sweep.space.push_back(read_parameter(entry.key->text, *entry.value));
  if (const YamlNode* objective = node.find("objective"); objective != nullptr) {
    sweep.maximize = objective->text_of("goal") != "minimize";
    sweep.primary_metric = objective->text_of("primary_metric");
  }
  const YamlNode* limits = node.find("limits");
  constexpr int most_trials = 1000;  // Azure ML's own limit
  sweep.max_total_trials = std::min(count(limits, "max_total_trials", most_trials), most_trials);
  sweep.max_concurrent_trials = count(limits, "max_concurrent_trials", sweep.max_total_trials);
  sweep.trial_timeout = seconds(limits, "trial_timeout");
  sweep.timeout = seconds(limits, "timeout");
  return sweep;
}

/// What spreads a step over machines there, and is one process here.
std::vector<std::string> ignored_settings(const YamlNode& node, const YamlNode& component) {
  std::vector<std::string> ignored;
  for (const YamlNode* owner : {&component, &node}) {
    if (ignored.empty() && owner->find("distribution") != nullptr)
      ignored.emplace_back("distribution");
    const int instances = count(owner->find("resources"), "instance_count", 1);
    if (instances > 1 && (ignored.empty() || !ignored.back().starts_with("instance_count")))
      ignored.push_back("instance_count " + std::to_string(instances));
  }
  return ignored;
}

}  // namespace

Step read_step(Project& project, const YamlNode& node, const YamlFile& file,
               const YamlNode& component, std::string name) {
  Step step;
  step.name = std::move(name);
  step.component = component.text_of("name");
  if (step.component.empty()) step.component = step.name;
  step.command_text = component.text_of("command");
  step.command = parse_command(step.command_text);
  step.code = code_of(file, component, step.name);
  step.ignored = ignored_settings(node, component);
  read_environment(project, file, component.find("environment"), step);
  for (const YamlEntry& entry : members(node.find("environment_variables")))
    step.variables.emplace_back(entry.key->text, entry.value->text);
  for (const YamlEntry& entry : members(component.find("outputs")))
    step.outputs.push_back(
        {entry.key->text, port_type(entry.value->text_of("type")).value_or(PortType::uri_folder)});
  const YamlNode* deterministic = component.find("is_deterministic");
  if (deterministic != nullptr && deterministic->type == ScalarType::boolean)
    step.is_deterministic = boolean_value(*deterministic);
  if (node.text_of("type") == "sweep") {
    step.sweep = read_sweep(node, step.name);
  } else {
    step.timeout = seconds(node.find("limits"), "timeout");
  }
  return step;
}

}  // namespace gradstep::pipeline
