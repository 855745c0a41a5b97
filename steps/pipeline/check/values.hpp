#pragma once

#include <optional>
#include <string>
#include <vector>

#include "steps/pipeline/check/report.hpp"
#include "steps/pipeline/ports.hpp"

namespace gradstep::pipeline {

/// What an input's values may be.
struct ValueRules {
  PortType type = PortType::string;
  std::optional<double> min;
  std::optional<double> max;
  std::optional<std::vector<std::string>> choices;  ///< of `enum`
};

/// What is wrong with a value.
struct Misfit {
  Severity severity = Severity::error;
  std::string message;
};

/// Why Azure ML would refuse a value, or hand over another one than is written. A component's
/// default becomes the port's own kind, a value in a job its text.
[[nodiscard]] std::optional<Misfit> misfit(const ValueRules& rules, const YamlNode& value,
                                           bool is_default);

/// "an integer", "a uri_file"
[[nodiscard]] std::string with_article(PortType type);

}  // namespace gradstep::pipeline
