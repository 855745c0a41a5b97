#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gradstep {

// The values of flags, as Azure ML hands them over; nullopt for what is none.

/// Without the blanks, tabs and line ends at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// True, true, 1, yes, on and their opposites, in any case.
[[nodiscard]] std::optional<bool> parse_boolean(std::string text);

/// A number as C and Python write it: 5, 5.0, 1e-05, +2, inf, nan.
[[nodiscard]] std::optional<double> parse_real(std::string_view text);

/// A whole number, also written 5.0 or 1e3, of 64 bits.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace gradstep
