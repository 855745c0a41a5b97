#pragma once

#include <nlohmann/json.hpp>

#include "steps/labels.hpp"

namespace gradstep {

/// JSON whose keys stay in the order they were given in.
using Json = nlohmann::ordered_json;

/// A class as JSON's own kind: true, 1, 1.0, "yes".
[[nodiscard]] inline Json to_json_value(const ClassValue& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}

[[nodiscard]] inline Json to_json_value(const std::vector<ClassValue>& classes) {
  Json values = Json::array();
  for (const ClassValue& value : classes) values.push_back(to_json_value(value));
  return values;
}

/// Two blanks a level, one line feed at the end; NaN and infinities are null; bytes that are not
/// UTF-8 are replaced.
[[nodiscard]] inline std::string to_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gradstep
