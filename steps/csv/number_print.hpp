#pragma once

#include <cstddef>
#include <cstdint>

namespace gradstep::csv {

/// The room that a number's text takes while it is written; no text is longer than 24 bytes.
inline constexpr std::size_t longest_number = 40;

/// Writes the number's text at `out`, which has room for longest_number bytes, and returns its end.
/// What was behind the end in that room is lost.
/// Doubles as Python's repr: the shortest digits that read back, exponent form below 1e-4 and from
/// 1e16 on, ".0" behind integral values, inf and -inf. NaN has no text.
[[nodiscard]] char* print(char* out, double value);
[[nodiscard]] char* print(char* out, std::int64_t value);
[[nodiscard]] char* print(char* out, std::uint64_t value);

}  // namespace gradstep::csv
