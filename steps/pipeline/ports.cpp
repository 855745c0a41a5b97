#include "steps/pipeline/ports.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include "steps/python_repr.hpp"

namespace gradstep::pipeline {
namespace {

// In the order of PortType.
constexpr std::array<std::string_view, 10> words = {
    "number",     "integer", "boolean",      "string",       "uri_file",
    "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model"};

std::string whole_digits(double value) {
  const std::string text = python_repr(value);
  return text.substr(0, text.find('.'));
}

/// str() of what Python reads from the scalar.
std::string python_text(const YamlNode& scalar) {
  switch (scalar.type) {
    case ScalarType::boolean:
      return boolean_value(scalar) ? "True" : "False";
    case ScalarType::real:
      return python_repr(real_value(scalar));
    case ScalarType::integer: {
      std::string digits = scalar.text;
      std::erase(digits, '_');
      if (digits.starts_with('+')) digits.erase(0, 1);
      const bool decimal = digits.find_first_not_of("-0123456789") == std::string::npos;
      if (decimal && (digits == "0" || !digits.starts_with('0'))) return digits;
      return whole_digits(real_value(scalar));  // octal, hexadecimal, base 60
    }
    default:
      return scalar.text;
  }
}

}  // namespace

std::optional<PortType> port_type(std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return std::nullopt;
  return static_cast<PortType>(found - words.begin());
}

std::string_view to_word(PortType type) { return words.at(static_cast<std::size_t>(type)); }

std::string azure_text(PortType type, const YamlNode& scalar, bool is_default) {
  const bool is_number = scalar.type == ScalarType::integer || scalar.type == ScalarType::real;
  // The SDK makes a default the port's own kind; a value in a job is only printed.
  if (is_default && type == PortType::number) {
    YamlNode number = scalar;
    if (!is_number) number.type = plain_scalar_type(scalar.text);
    return python_repr(real_value(number));
  }
  if (is_default && type == PortType::integer && scalar.type == ScalarType::real)
    return whole_digits(std::trunc(real_value(scalar)));
  return python_text(scalar);
}

}  // namespace gradstep::pipeline
