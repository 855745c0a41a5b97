#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "steps/pipeline/yaml.hpp"

namespace gradstep::pipeline {

/// The types of inputs and outputs.
enum class PortType {
  number,
  integer,
  boolean,
  string,
  uri_file,
  uri_folder,
  mltable,
  mlflow_model,
  custom_model,
  triton_model,
};

[[nodiscard]] std::optional<PortType> port_type(std::string_view word);
[[nodiscard]] std::string_view to_word(PortType type);
[[nodiscard]] inline bool is_primitive(PortType type) { return type <= PortType::string; }

/// A value as Azure ML hands it to a command: `True`, `0.01`, `1e-05`, and a component's default of
/// type number with a point: 5 is `5.0`. The scalar must fit the type.
/// @param is_default  whether it stands as a component's `default`
[[nodiscard]] std::string azure_text(PortType type, const YamlNode& scalar, bool is_default);

}  // namespace gradstep::pipeline
