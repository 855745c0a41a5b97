#include "steps/pipeline/check/values.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "steps/pipeline/check/numbers.hpp"
#include "steps/python_repr.hpp"

namespace gradstep::pipeline {
namespace {

using Found = std::optional<Misfit>;

Found error(std::string message) { return Misfit{Severity::error, std::move(message)}; }
Found warning(std::string message) { return Misfit{Severity::warning, std::move(message)}; }

Found wrong_type(const YamlNode& value, PortType type, const std::string& instead) {
  return error(describe(value) + " is given to a port of type " + std::string(to_word(type)) +
               instead);
}

Found misfit_of_number(const YamlNode& value, PortType type) {
  const std::optional<double> number = number_in(value);
  if (!number) return wrong_type(value, type, ": write a number");
  if (!std::isfinite(*number))
    return error(value.text + " is passed over by Azure ML: write a finite number");
  if (const std::string why = misread_number(value); !why.empty()) return error(why);
  if (type == PortType::integer && std::floor(*number) != *number)
    return wrong_type(value, type, ", which cuts the decimals off: write a whole number");
  if (type == PortType::integer && value.type == ScalarType::real)
    return warning(value.text + " is handed to a port of type integer: write it without decimals");
  if (value.type == ScalarType::text && value.style == ScalarStyle::plain)
    return warning(value.text + " is a text to YAML 1.1, no number: write " +
                   as_yaml_number(value.text));
  if (value.type == ScalarType::text)
    return warning("the text '" + value.text + "' is given to a port of type " +
                   std::string(to_word(type)) + ": leave out the quotes");
  return std::nullopt;
}

Found misfit_of_boolean(const YamlNode& value) {
  if (value.type == ScalarType::boolean) return std::nullopt;
  const std::string text = lower_case(value.text);
  if (value.type == ScalarType::text && (text == "true" || text == "false")) return std::nullopt;
  return wrong_type(value, PortType::boolean, ": write true or false");
}

Found misfit_of_string(const YamlNode& value, bool is_default) {
  if (value.type == ScalarType::text) return std::nullopt;
  const bool is_number = value.type == ScalarType::integer || value.type == ScalarType::real;
  const std::string read = is_default && is_number
                               ? python_repr(real_value(value))
                               : azure_text(PortType::string, value, is_default);
  if (value.type == ScalarType::timestamp || read != value.text)
    return wrong_type(value, PortType::string,
                      (read == value.text ? std::string() : ", which makes it " + in_quotes(read)) +
                          write_in_quotes(value));
  return warning(describe(value) + " is given to a port of type string" + write_in_quotes(value));
}

/// A limit, as a value of the port's type is written.
std::string shown(double limit, PortType type) {
  const std::string text = python_repr(limit);
  const bool whole = type == PortType::integer && text.ends_with(".0");
  return whole ? text.substr(0, text.size() - 2) : text;
}

/// One that has the right type, against the limits.
Found out_of_range(const ValueRules& rules, const YamlNode& value, bool is_default) {
  if (rules.type == PortType::number || rules.type == PortType::integer) {
    const double number = number_in(value).value_or(0);
    if (rules.min && number < *rules.min)
      return error(value.text + " is below min, " + shown(*rules.min, rules.type));
    if (rules.max && number > *rules.max)
      return error(value.text + " is above max, " + shown(*rules.max, rules.type));
  }
  if (!rules.choices) return std::nullopt;
  const std::string text = azure_text(rules.type, value, is_default);
  if (std::find(rules.choices->begin(), rules.choices->end(), text) != rules.choices->end())
    return std::nullopt;
  return error(in_quotes(text) + " is not among the enum's values " + one_of(*rules.choices) +
               did_you_mean(text, *rules.choices));
}

}  // namespace

std::string with_article(PortType type) {
  return (type == PortType::integer ? "an " : "a ") + std::string(to_word(type));
}

std::optional<Misfit> misfit(const ValueRules& rules, const YamlNode& value, bool is_default) {
  if (!value.is_scalar() || value.is_null())
    return wrong_type(value, rules.type, ": write a value");
  Found found;
  switch (rules.type) {
    case PortType::number:
    case PortType::integer:
      found = misfit_of_number(value, rules.type);
      break;
    case PortType::boolean:
      found = misfit_of_boolean(value);
      break;
    case PortType::string:
      found = misfit_of_string(value, is_default);
      break;
    default:
      return wrong_type(value, rules.type, ": write a mapping with 'type' and 'path'");
  }
  if (found && found->severity == Severity::error) return found;
  if (Found range = out_of_range(rules, value, is_default)) return range;
  return found;
}

}  // namespace gradstep::pipeline
