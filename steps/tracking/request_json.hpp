#pragma once

#include <cstddef>
#include <string>

#include "steps/json_values.hpp"
#include "steps/tracking/encoding.hpp"
#include "steps/tracking/record.hpp"

namespace gradstep {

/// Without blanks; bytes that are not UTF-8 are replaced.
[[nodiscard]] inline std::string compact_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// {"key", "value"}, the value cut to `longest` bytes.
[[nodiscard]] inline Json key_value(const std::string& key, const std::string& value,
                                    std::size_t longest) {
  return {{"key", key}, {"value", beginning(value, longest)}};
}

[[nodiscard]] inline Json key_values(const KeyValues& pairs, std::size_t longest) {
  Json list = Json::array();
  for (const auto& [key, value] : pairs) list.push_back(key_value(key, value, longest));
  return list;
}

}  // namespace gradstep
