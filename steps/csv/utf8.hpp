#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gradstep::csv {

/// A decoded character; length 0: the bytes are not UTF-8.
struct Utf8Character {
  std::uint32_t code_point = 0;
  std::size_t length = 0;
};

/// Decodes the first character of a text that is not empty, as strictly as Python: no overlong
/// forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] Utf8Character decode_utf8(std::string_view text);

/// True when the text is UTF-8. Cost: next to nothing for ASCII.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace gradstep::csv
