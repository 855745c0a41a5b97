#pragma once

#include <string>

namespace gradstep::plot {

/// The value as printf() writes it with `format`, 63 bytes at most.
[[nodiscard]] std::string with_digits(const char* format, double value);

/// PLplot takes '#' for the start of a command; control characters become blanks.
[[nodiscard]] std::string escaped(const char* text);

/// At most `letters` code points of UTF-8, the last one '…' when some are left out.
[[nodiscard]] std::string shortened(const std::string& text, int letters);

}  // namespace gradstep::plot
