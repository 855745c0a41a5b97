#include "steps/pipeline/plan.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/plan_scope.hpp"
#include "steps/pipeline/plan_step.hpp"

namespace gradstep::pipeline {
namespace {

/// What a step's inputs are read from, once all steps are known.
struct Wiring {
  const Scope* scope = nullptr;
  const YamlNode* node = nullptr;
  const YamlNode* component = nullptr;
};

/// Lays out the steps of a pipeline and of those nested in it, in the files' order.
class Layout {
 public:
  explicit Layout(Project& project) : project_(project) {}

  void add_jobs(Scope& scope) {
    for (const YamlEntry& job : members(scope.root->find("jobs")))
      add_job(scope, job.key->text, *job.value);
  }

  /// A pipeline job whose jobs are those of the component that it names.
  void add_component_of(Scope& scope) {
    const auto [file, root] = component_of(scope, *scope.root, "component", "the pipeline");
    auto inner = std::make_unique<Scope>();
    inner->file = file;
    inner->root = root;
    inner->outer = &scope;
    inner->given = scope.root->find("inputs");
    add_jobs(*inner);
    scope.nested.emplace("", std::move(inner));
  }

  void wire() {
    for (std::size_t i = 0; i < steps.size(); ++i) add_inputs(steps[i], wirings_[i]);
  }

  std::vector<Step> steps;

 private:
  using Component = std::pair<const YamlFile*, const YamlNode*>;

  Component component_of(const Scope& scope, const YamlNode& node, const char* key,
                         const std::string& name) {
    const YamlNode* component = node.find(key);
    if (component == nullptr) return {scope.file, &node};  // a command written into the pipeline
    if (component->is_mapping()) return {scope.file, component};
    if (is_registered(component->text))
      throw UsageError(name + ": component '" + component->text +
                       "' lies in a workspace; name its file instead: ./" + key + ".yml");
    const YamlFile& file = project_.load(Project::path_of(*scope.file, component->text));
    return {&file, file.root.get()};
  }

  void add_job(Scope& scope, const std::string& job, const YamlNode& node) {
    const std::string name = scope.prefix + job;
    const bool is_sweep = node.text_of("type") == "sweep";
    const auto [file, component] =
        component_of(scope, node, is_sweep ? "trial" : "component", "step " + name);
    std::string type = component->text_of("type");
    if (component == &node && is_sweep) type.clear();
    if (type == "pipeline") {
      add_nested(scope, job, node, *file, *component);
    } else if (type.empty() || type == "command") {
      scope.steps.emplace(job, steps.size());
      steps.push_back(read_step(project_, node, *file, *component, name));
      wirings_.push_back({&scope, &node, component});
    } else {
      throw UsageError("step " + name + ": type '" + type +
                       "' runs on Azure ML only; here: command, pipeline and sweep");
    }
  }

  void add_nested(Scope& scope, const std::string& job, const YamlNode& node, const YamlFile& file,
                  const YamlNode& component) {
    for (const Scope* outer = &scope; outer != nullptr; outer = outer->outer)
      if (outer->root == &component)
        throw DataError(file.path.string() + ": the pipeline is a step of itself, in " + job);
    auto inner = std::make_unique<Scope>();
    inner->file = &file;
    inner->root = &component;
    inner->outer = &scope;
    inner->given = node.find("inputs");
    inner->prefix = scope.prefix + job + '.';
    add_jobs(*inner);
    scope.nested.emplace(job, std::move(inner));
  }

  static void add_inputs(Step& step, const Wiring& wiring) {
    const bool is_inline = wiring.component == wiring.node;
    const YamlNode* given = wiring.node->find("inputs");
    for (const YamlEntry& entry : members(wiring.component->find("inputs"))) {
      const std::string& name = entry.key->text;
      if (is_swept(step, name)) continue;  // the trials bring it
      const PortType type = type_of(*entry.value);
      const YamlNode* value = given != nullptr ? given->find(name) : nullptr;
      Source source;
      if (value != nullptr)
        source = resolve(*wiring.scope, *value, is_inline ? std::nullopt : std::optional(type),
                         "step " + step.name + ", input " + name);
      if (!source && !is_inline) source = default_of(*entry.value, type);
      if (source) {
        step.inputs.push_back({name, type, std::move(*source)});
      } else if (!is_optional(*entry.value)) {
        throw UsageError("step " + step.name + ": input '" + name + "' has no value");
      }
    }
  }

  static Source default_of(const YamlNode& input, PortType type) {
    const YamlNode* value = input.find("default");
    if (value == nullptr || value->is_null()) return std::nullopt;
    return azure_text(type, *value, true);
  }

  static bool is_optional(const YamlNode& input) {
    const YamlNode* optional = input.find("optional");
    return optional != nullptr && optional->type == ScalarType::boolean && boolean_value(*optional);
  }

  static bool is_swept(const Step& step, const std::string& name) {
    return step.sweep && std::any_of(step.sweep->space.begin(), step.sweep->space.end(),
                                     [&](const auto& swept) { return swept.input == name; });
  }

  Project& project_;
  std::vector<Wiring> wirings_;
};

/// The values of --input; a name that comes twice counts with its last value.
std::map<std::string, std::string> inputs_of_user(const Assignments& assignments,
                                                  const YamlNode& pipeline) {
  const YamlNode* declared = pipeline.find("inputs");
  std::map<std::string, std::string> result;
  for (const auto& [name, value] : assignments.inputs) {
    if (declared == nullptr || declared->find(name) == nullptr) {
      std::string known;
      for (const YamlEntry& entry : members(declared))
        known += (known.empty() ? "" : ", ") + entry.key->text;
      throw UsageError("--input " + name + ": the pipeline has no such input" +
                       (known.empty() ? "; it has none" : "; it has " + known));
    }
    result[name] = value;
  }
  return result;
}

[[noreturn]] void refuse_image(const std::string& name, const std::vector<Step>& steps) {
  std::set<std::string> words;
  for (const Step& step : steps)
    words.insert(step.environment.empty() ? step.name : step.environment);
  std::string known;
  for (const std::string& word : words) {
    if (!known.empty()) known += ", ";
    known += word;
  }
  throw UsageError("--image " + name + ": no environment and no step has that name; there are " +
                   known);
}

/// --image NAME=REF; the name is an environment's or a step's.
void replace_images(const Assignments& assignments, std::vector<Step>& steps) {
  for (const auto& [name, image] : assignments.images) {
    bool used = false;
    for (Step& step : steps) {
      if (step.environment != name && step.name != name) continue;
      step.image = image;
      used = true;
    }
    if (!used) refuse_image(name, steps);
  }
}

std::vector<std::size_t> sources_of(const Step& step) {
  std::vector<std::size_t> sources;
  for (const StepInput& input : step.inputs)
    if (const auto* output = std::get_if<OutputOf>(&input.source)) sources.push_back(output->step);
  return sources;
}

/// The steps' indices, each after those it takes inputs from, else as in the file.
std::vector<std::size_t> in_order(const std::vector<Step>& steps) {
  std::vector<std::size_t> order;
  std::vector<bool> placed(steps.size());
  while (order.size() < steps.size()) {
    const std::size_t before = order.size();
    for (std::size_t i = 0; i < steps.size() && order.size() == before; ++i) {
      const std::vector<std::size_t> sources = sources_of(steps[i]);
      if (placed[i] || !std::all_of(sources.begin(), sources.end(),
                                    [&](std::size_t source) { return placed[source]; }))
        continue;
      placed[i] = true;
      order.push_back(i);
    }
    if (order.size() == before) throw InvalidArgument("the pipeline's steps wait for one another");
  }
  return order;
}

void put_in_order(Plan& plan) {
  const std::vector<std::size_t> order = in_order(plan.steps);
  std::vector<std::size_t> place(order.size());
  std::vector<Step> sorted;
  for (const std::size_t i : order) {
    place[i] = sorted.size();
    sorted.push_back(std::move(plan.steps[i]));
  }
  plan.steps = std::move(sorted);
  for (Step& step : plan.steps)
    for (StepInput& input : step.inputs)
      if (auto* output = std::get_if<OutputOf>(&input.source)) output->step = place[output->step];
  for (auto& [name, output] : plan.outputs) output.step = place[output.step];
}

bool setting(const YamlNode& pipeline, const char* key, bool otherwise) {
  const YamlNode* settings = pipeline.find("settings");
  const YamlNode* value = settings != nullptr ? settings->find(key) : nullptr;
  return value != nullptr && value->type == ScalarType::boolean ? boolean_value(*value) : otherwise;
}

void add_outputs(const Scope& scope, Plan& plan) {
  const auto inner = scope.nested.find("");
  const Scope& made_in = inner != scope.nested.end() ? *inner->second : scope;
  for (const YamlEntry& entry : members(made_in.root->find("outputs")))
    if (const auto output = resolve_pipeline_output(made_in, entry.key->text))
      plan.outputs.emplace_back(entry.key->text, *output);
}

}  // namespace

Plan make_plan(Project& project, const Assignments& assignments) {
  const YamlFile& file = project.pipeline();
  const YamlNode& root = *file.root;
  const std::map<std::string, std::string> from_user = inputs_of_user(assignments, root);

  Plan plan;
  plan.display_name = root.text_of("display_name");
  if (plan.display_name.empty()) plan.display_name = root.text_of("name");
  if (plan.display_name.empty()) plan.display_name = file.path.stem().string();
  plan.experiment_name = root.text_of("experiment_name");
  plan.continue_on_step_failure = setting(root, "continue_on_step_failure", true);
  plan.force_rerun = setting(root, "force_rerun", false);

  Scope scope;
  scope.file = &file;
  scope.root = &root;
  scope.from_user = &from_user;
  Layout layout(project);
  if (root.find("component") != nullptr && root.find("jobs") == nullptr) {
    layout.add_component_of(scope);
  } else {
    layout.add_jobs(scope);
  }
  layout.wire();
  plan.steps = std::move(layout.steps);
  replace_images(assignments, plan.steps);
  add_outputs(scope, plan);
  put_in_order(plan);
  return plan;
}

}  // namespace gradstep::pipeline
