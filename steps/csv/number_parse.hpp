#pragma once

#include <cstdint>
#include <string_view>

#include "steps/csv/ascii.hpp"
#include "steps/csv/short_decimal.hpp"

namespace gradstep::csv {

/// The longer look of is_na.
[[nodiscard]] bool is_na_string(std::string_view field);

/// True for the strings read_csv takes as a missing value by default, "" among them. None of them
/// ends in a digit, as nearly every number does.
[[nodiscard]] inline bool is_na(std::string_view field) {
  return field.empty() || (!is_digit(field.back()) && is_na_string(field));
}

/// What came of reading a field as an int.
enum class IntOutcome : std::uint8_t {
  ok,
  ok_float_differs,  ///< an int, but parse_float64 gives another value than the int's ("-0")
  not_int,
  overflow,  ///< an int, but out of range
};

/// Reads a sign and digits with blanks around. `value` is set when the outcome is an ok one.
/// Quirk: an int out of range with something behind it, even a blank, is not_int.
[[nodiscard]] IntOutcome parse_int64(std::string_view field, std::int64_t& value);
[[nodiscard]] IntOutcome parse_uint64(std::string_view field, std::uint64_t& value);

/// Reads a float, correctly rounded; false when the field is none. Never gives NaN.
/// Quirk: a '+' together with a blank takes pandas' older converter, which keeps 17 digits.
[[nodiscard]] bool parse_float64(std::string_view field, double& value);

/// The same, faster for a short field in the middle of a text that may be read from `text` on.
[[nodiscard]] inline bool parse_float64(std::string_view field, const char* text, double& value) {
  ShortDecimal decimal;
  if (read_short_decimal(field, text, decimal) && to_float64(decimal, value)) return true;
  return parse_float64(field, value);
}

/// Reads a decimal: a digit or point, perhaps behind a '-', and what makes a number of it to the
/// text's end. Correctly rounded; too large gives infinity. False when the text is no decimal.
[[nodiscard]] bool parse_decimal(std::string_view text, double& value);

/// Reads true or false in any case; false when the field is neither.
[[nodiscard]] bool parse_boolean(std::string_view field, bool& value);

}  // namespace gradstep::csv
