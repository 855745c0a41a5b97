#pragma once

#include <cstring>
#include <string_view>

namespace gradstep::csv {

/// Copies the text to `out` and returns its end there.
inline char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// Writes a field as to_csv does, within quotes where it needs them, and returns its end. `out` has
/// room for 2 * text.size() + 2 bytes.
/// @param special  what needs quotes
/// Source: Python's csv.QUOTE_MINIMAL; a lone \r needs no quotes up to Python 3.12.
[[nodiscard]] inline char* put_field(char* out, std::string_view text,
                                     std::string_view special = ",\"\n") {
  if (text.find_first_of(special) == std::string_view::npos) return put(out, text);
  *out++ = '"';
  for (const char c : text) {
    if (c == '"') *out++ = '"';
    *out++ = c;
  }
  *out++ = '"';
  return out;
}

}  // namespace gradstep::csv
