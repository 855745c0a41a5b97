#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gradstep {

/// RFC 4648, section 4, with its padding.
[[nodiscard]] std::string base64(std::string_view bytes);

/// RFC 4648, section 5 (the alphabet with - and _), with or without padding; nullopt: is none.
[[nodiscard]] std::optional<std::string> base64url_decoded(std::string_view text);

/// RFC 3986: all but letters, digits, "-._~" and the characters of `kept` as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text, std::string_view kept = "");

/// A '%' that no two hexadecimal digits follow stays as it is.
[[nodiscard]] std::string percent_decoded(std::string_view text);

/// At most `bytes` bytes of UTF-8, without a piece of a character at the end.
[[nodiscard]] std::string_view beginning(std::string_view text, std::size_t bytes);

}  // namespace gradstep
