#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "steps/pipeline/plan.hpp"

namespace gradstep::pipeline {

/// `${{parent.inputs.x}}` or `${{parent.jobs.a.outputs.y}}`.
struct Binding {
  std::string job;  ///< empty: an input of the pipeline
  std::string port;
};
/// Nothing for a text that is none.
[[nodiscard]] std::optional<Binding> parse_binding(std::string_view text);

/// The binding that an entry of `outputs` makes with an output of the pipeline around it: the name
/// of that output, "" when there is none. `model: ${{parent.outputs.m}}`, also as `path`.
[[nodiscard]] std::string bound_output(const YamlNode& output);

/// Where an input's value comes from; nothing: an optional input that is not set.
using Source = std::optional<std::variant<std::string, std::filesystem::path, OutputOf>>;

/// A pipeline, or a pipeline component within one: what its bindings refer to.
struct Scope {
  const YamlFile* file = nullptr;
  const YamlNode* root = nullptr;
  const Scope* outer = nullptr;     ///< the pipeline that this one is a step of
  const YamlNode* given = nullptr;  ///< what that pipeline hands over: the node's `inputs`
  const std::map<std::string, std::string>* from_user = nullptr;  ///< --input, outermost only
  std::string prefix;                                             ///< "outer." of its steps' names
  std::map<std::string, std::size_t> steps;                       ///< by job: index of the step
  std::map<std::string, std::unique_ptr<Scope>> nested;           ///< by job
};

/// The value that `given` is in a scope, for an input of this type; without one what the value
/// says.
/// @param of  whose value it is, for messages: "train_model: input reg_rate"
/// @throws UsageError, IoError  as make_plan()
[[nodiscard]] Source resolve(const Scope& scope, const YamlNode& given,
                             std::optional<PortType> type, const std::string& of);

/// The value of a pipeline's own input.
[[nodiscard]] Source resolve_input(const Scope& scope, const std::string& name);

/// The step whose output a job's output is, through nested pipelines.
/// @throws InvalidArgument  when there is no such output
[[nodiscard]] OutputOf resolve_output(const Scope& scope, const std::string& job,
                                      const std::string& output);

/// The step whose output the pipeline's output `name` is; nothing when no job makes it.
[[nodiscard]] std::optional<OutputOf> resolve_pipeline_output(const Scope& scope,
                                                              const std::string& name);

/// A mapping as Python has it: of duplicate keys the last value, merged mappings (`<<`) unfolded.
[[nodiscard]] std::vector<YamlEntry> members(const YamlNode* mapping);

/// The type of an input: as declared, else what its value says.
[[nodiscard]] PortType type_of(const YamlNode& input);

}  // namespace gradstep::pipeline
