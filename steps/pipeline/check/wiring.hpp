#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "steps/pipeline/check/context.hpp"
#include "steps/pipeline/command_template.hpp"

namespace gradstep::pipeline {

/// An input or output of a pipeline.
struct PipelinePort {
  std::string name;
  Position at;                        ///< of its key
  std::optional<PortType> type = {};  ///< nullopt: not told
  const YamlNode* literal = nullptr;  ///< of an input that is a value
  bool optional = false;
};

/// A step, as far as others are bound to it.
struct StepFacts {
  std::string name;
  Position at;
  const Component* component = nullptr;  ///< nullptr: its ports are unknown
};

/// What the bindings of a pipeline may name.
struct PipelineScope {
  std::vector<PipelinePort> inputs;
  std::vector<PipelinePort> outputs;
  std::vector<StepFacts> steps;
  bool inputs_known = true;
  bool outputs_known = true;
};

/// Checks the bindings of a pipeline's steps, one by one, and then as a whole.
class Wiring {
 public:
  Wiring(const Report& report, const PipelineScope& scope) : report_(report), scope_(scope) {}

  /// Whether a text is, or was meant as, a binding.
  [[nodiscard]] static bool is_binding(const YamlNode& value);

  /// @param port  what the value is for; nullptr: unknown, or a setting of the step
  void check_input(const std::string& step, const Port* port, const YamlNode& value);
  void check_output(const std::string& step, const std::string& output, const Port* port,
                    const YamlNode& value);
  /// Every binding in a step's settings.
  void check_settings(const std::string& step, const YamlNode& node);
  /// What a step of a kind that is not looked into takes from the pipeline.
  void follow(const std::string& step, const YamlNode& node);

  void check_cycles() const;
  void check_unused() const;

 private:
  struct Source {
    std::optional<PortType> type;
    const YamlNode* literal = nullptr;
    bool optional = false;
  };
  struct Edge {
    std::string to;
    Position at;
  };

  bool check_brackets(const YamlNode& value, const CommandTemplate& parsed);
  std::optional<Source> resolve(const std::string& step, const CommandPart& part, Position at);
  std::optional<Source> resolve_input(const std::string& name, const std::string& shown,
                                      Position at);
  std::optional<Source> resolve_step(const std::string& step, const std::vector<std::string>& words,
                                     const std::string& shown, Position at);
  void check_fit(const Source& source, const Port& port, const std::string& shown, Position at);

  const Report& report_;
  const PipelineScope& scope_;
  std::set<std::string> used_inputs_;
  std::map<std::string, std::string> bound_outputs_;  ///< pipeline output -> step.output
  std::map<std::string, std::vector<Edge>> edges_;    ///< step -> those it takes inputs from
  std::set<const YamlNode*> misfits_;
};

/// Whether what is of type `from` may be given to a port of type `to`.
[[nodiscard]] bool fits(PortType from, PortType to);

}  // namespace gradstep::pipeline
