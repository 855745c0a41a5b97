#include "steps/pipeline/check/numbers.hpp"

#include <cctype>
#include <cmath>
#include <optional>
#include <string>

#include "steps/pipeline/ports.hpp"

namespace gradstep::pipeline {

std::optional<double> number_in(const YamlNode& node) {
  if (!node.is_scalar()) return std::nullopt;
  if (node.type == ScalarType::integer || node.type == ScalarType::real) return real_value(node);
  if (node.type != ScalarType::text) return std::nullopt;
  YamlNode number = node;
  number.type = ScalarType::real;
  if (number.text.find(':') != std::string::npos) return std::nullopt;
  const double value = real_value(number);
  if (std::isnan(value)) return std::nullopt;
  return value;
}

std::string misread_number(const YamlNode& scalar) {
  if (scalar.style != ScalarStyle::plain) return "";
  if (scalar.type != ScalarType::integer && scalar.type != ScalarType::real) return "";
  const std::string read = azure_text(PortType::string, scalar, false);
  if (scalar.text.find(':') != std::string::npos)
    return scalar.text + " is read as " + read + ", in base 60: put a text in quotes";
  const std::size_t digit = scalar.text.find_first_of("0123456789");
  const bool octal = scalar.type == ScalarType::integer && digit != std::string::npos &&
                     scalar.text[digit] == '0' && digit + 1 < scalar.text.size() &&
                     std::isdigit(static_cast<unsigned char>(scalar.text[digit + 1])) != 0;
  if (!octal) return "";
  return scalar.text + " is read as " + read + ", in base 8: leave out the zeros in front";
}

std::string as_yaml_number(const std::string& text) {
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent == std::string::npos) return text;
  std::string mantissa = text.substr(0, exponent);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  const std::string power = text.substr(exponent + 1);
  const bool has_sign = power.starts_with('-') || power.starts_with('+');
  return mantissa + (has_sign ? "e" : "e+") + power;
}

}  // namespace gradstep::pipeline
