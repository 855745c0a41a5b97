#pragma once

#include <optional>
#include <string>

#include "steps/pipeline/yaml.hpp"

namespace gradstep::pipeline {

/// The number that the SDK makes of a scalar, texts such as `1e-6` and "0.5" included.
[[nodiscard]] std::optional<double> number_in(const YamlNode& node);

/// Why YAML 1.1 reads another number than a person does (`010` is octal); "" when it does not.
[[nodiscard]] std::string misread_number(const YamlNode& scalar);

/// How to write a number so that YAML 1.1 reads it as one: 1e-6 -> 1.0e-6.
[[nodiscard]] std::string as_yaml_number(const std::string& text);

}  // namespace gradstep::pipeline
