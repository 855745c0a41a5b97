#pragma once

#include <optional>
#include <string>
#include <vector>

#include "steps/pipeline/check/report.hpp"
#include "steps/pipeline/check/values.hpp"

namespace gradstep::pipeline {

/// An input or output that a component declares.
struct Port {
  std::string name;
  Position at;                   ///< of its key
  std::optional<PortType> type;  ///< nullopt: a mistake, reported
  bool optional = false;
  bool optional_known = true;  ///< false: `optional` has a mistake, reported
  bool has_default = false;
  ValueRules rules;

  [[nodiscard]] bool required() const { return !optional && optional_known && !has_default; }
};

/// What a component takes and gives.
struct Signature {
  std::vector<Port> inputs;
  std::vector<Port> outputs;
  bool known = true;  ///< false: it cannot be told, which has been reported
};

[[nodiscard]] const Port* port_of(const std::vector<Port>& ports, const std::string& name);
[[nodiscard]] std::vector<std::string> names_of(const std::vector<Port>& ports);

/// Checks the `inputs` and `outputs` of a component, and returns what they declare.
[[nodiscard]] Signature check_signature(const Report& report, const YamlNode& component);

}  // namespace gradstep::pipeline
