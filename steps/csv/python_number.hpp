#pragma once

#include <string>
#include <string_view>

namespace gradstep::csv {

/// Python's float(text), text being UTF-8: blanks around, underscores between digits, decimal
/// digits of any script, inf and nan; false where Python raises ValueError.
/// Source: CPython 3.11, Unicode 14.
[[nodiscard]] bool parse_python_float(std::string_view text, double& value);

/// Python's int(text) of an ASCII text, at most 4300 digits, as Python prints it; false where
/// Python raises ValueError. `digits` is written over.
[[nodiscard]] bool parse_python_int(std::string_view text, std::string& digits);

}  // namespace gradstep::csv
