#include "steps/csv/number_parse.hpp"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <system_error>

#include "steps/csv/ascii.hpp"

namespace gradstep::csv {
namespace {

constexpr std::uint64_t two_to_the_63 = std::uint64_t{1} << 63U;

struct Magnitude {
  std::uint64_t value = 0;
  int digits = 0;  // without leading zeros
  bool overflow = false;
};

Magnitude magnitude_of(std::string_view digits) {
  Magnitude result;
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  for (const char c : digits) {
    const auto digit = static_cast<unsigned>(c - '0');
    result.overflow |= __builtin_mul_overflow(result.value, 10U, &result.value) ||
                       __builtin_add_overflow(result.value, digit, &result.value);
    if (result.overflow) return result;
    ++result.digits;
  }
  return result;
}

struct ScannedInt {
  Magnitude magnitude;
  char sign = 0;
  bool blanks = false;  // anywhere
  bool has_digits = false;
  std::string_view rest;  // behind the digits
};

ScannedInt scan_int(std::string_view field) {
  ScannedInt scan;
  std::string_view text = without_leading_blanks(field);
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    scan.sign = text[0];
    text.remove_prefix(1);
  }
  const auto digits =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  scan.has_digits = digits > 0;
  scan.magnitude = magnitude_of(text.substr(0, digits));
  scan.rest = text.substr(digits);
  scan.blanks = digits + (scan.sign != 0 ? 1 : 0) != field.size();
  return scan;
}

// What both int types share; `fits`: the value is within the type's range.
IntOutcome outcome_of(const ScannedInt& scan, bool fits) {
  if (!scan.has_digits) return IntOutcome::not_int;
  if (!fits) return scan.rest.empty() ? IntOutcome::overflow : IntOutcome::not_int;
  if (!without_leading_blanks(scan.rest).empty()) return IntOutcome::not_int;
  const bool negative_zero = scan.sign == '-' && scan.magnitude.value == 0;
  const bool old_converter = scan.sign == '+' && scan.blanks && scan.magnitude.digits > 17;
  return negative_zero || old_converter ? IntOutcome::ok_float_differs : IntOutcome::ok;
}

IntOutcome parse_int64_with_care(std::string_view field, std::int64_t& value) {
  const ScannedInt scan = scan_int(field);
  const bool negative = scan.sign == '-';
  const std::uint64_t limit = negative ? two_to_the_63 : two_to_the_63 - 1;
  const bool fits = !scan.magnitude.overflow && scan.magnitude.value <= limit;
  const IntOutcome outcome = outcome_of(scan, fits);
  const std::uint64_t bits = negative ? 0 - scan.magnitude.value : scan.magnitude.value;
  value = static_cast<std::int64_t>(bits);
  return outcome;
}

// The end of [digits][.digits][e[sign]digits] at the start of `text`; 0 when there is no digit.
std::size_t scan_decimal(std::string_view text) {
  const auto skip_digits = [text](std::size_t at) {
    while (at < text.size() && is_digit(text[at])) ++at;
    return at;
  };
  const std::size_t whole = skip_digits(0);
  std::size_t end = whole;
  std::size_t digits = whole;
  if (end < text.size() && text[end] == '.') {
    end = skip_digits(whole + 1);
    digits += end - whole - 1;
  }
  if (digits == 0) return 0;
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    std::size_t exponent = end + 1;
    if (exponent < text.size() && (text[exponent] == '+' || text[exponent] == '-')) ++exponent;
    if (skip_digits(exponent) > exponent) end = skip_digits(exponent);
  }
  return end;
}

bool is_decimal(std::string_view text) {
  return !text.empty() && scan_decimal(text) == text.size();
}

double nearest_double(std::string_view decimal) {
  double value = 0;
  static_cast<void>(parse_decimal(decimal, value));
  return value;
}

double power_of_ten(std::int64_t exponent) {
  return nearest_double("1e" + std::to_string(exponent));
}

// The exponent behind an 'e' in the older converter: blanks may stand before it. Returns its
// length, blanks included, or 0 when there is none.
std::size_t scan_old_exponent(std::string_view text, std::int64_t& exponent) {
  constexpr std::int64_t far = 1'000'000'000;  // beyond every double, and safe to add to
  const std::string_view rest = without_leading_blanks(text);
  std::size_t at = !rest.empty() && (rest[0] == '+' || rest[0] == '-') ? 1 : 0;
  const std::size_t first = at;
  std::int64_t value = 0;
  for (; at < rest.size() && is_digit(rest[at]); ++at)
    value = std::min(far, value * 10 + (rest[at] - '0'));
  if (at == first) return 0;
  exponent += rest[0] == '-' ? -value : value;
  return text.size() - rest.size() + at;
}

double scaled_by_two_roundings(std::uint64_t mantissa, std::int64_t exponent) {
  const auto number = static_cast<double>(mantissa);
  if (exponent > 308) return mantissa != 0 ? HUGE_VAL : 0.0;
  if (exponent > 0) return number * power_of_ten(exponent);
  if (exponent < -616) return 0.0;
  if (exponent < -308) return number / power_of_ten(-308 - exponent) / 1e308;
  return number / power_of_ten(-exponent);
}

// pandas' older converter: 17 digits after the leading zeros, the rest cut off, two roundings.
// `text` starts with '+'; blanks are allowed between 'e' and the exponent, and at the end.
bool parse_float64_old(std::string_view text, double& value) {
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
  int used = 0;
  bool digits = false;
  bool fraction = false;
  std::size_t at = 1;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !fraction)); ++at) {
    if (text[at] == '.') {
      fraction = true;
      continue;
    }
    digits = true;
    if (used < 17) {
      mantissa = mantissa * 10 + static_cast<unsigned>(text[at] - '0');
      if (mantissa > 0) ++used;
      if (fraction) --exponent;
    } else if (!fraction) {
      ++exponent;
    }
  }
  if (!digits) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const std::size_t length = scan_old_exponent(text.substr(at + 1), exponent);
    if (length > 0) at += 1 + length;
  }
  if (!without_leading_blanks(text.substr(at)).empty()) return false;
  value = scaled_by_two_roundings(mantissa, exponent);
  return true;
}

bool parse_float64_with_care(std::string_view field, double& value) {
  if (field.empty()) return false;
  const bool negative = field[0] == '-';
  const bool sign = negative || field[0] == '+';
  const std::string_view body = field.substr(sign ? 1 : 0);
  if (equals_ignoring_case(body, "inf") || equals_ignoring_case(body, "infinity")) {
    value = negative ? -HUGE_VAL : HUGE_VAL;
    return true;
  }
  if (is_decimal(body)) {
    value = nearest_double(negative ? field : body);
    return true;
  }
  std::string_view text = without_leading_blanks(field);
  if (!text.empty() && text[0] == '+') return parse_float64_old(text, value);
  text = without_trailing_blanks(text);
  if (!is_decimal(text.substr(!text.empty() && text[0] == '-' ? 1 : 0))) return false;
  value = nearest_double(text);
  return true;
}

}  // namespace

bool is_na_string(std::string_view field) {
  switch (field.size()) {
    case 2:
      return field == "NA";
    case 3:
      return field == "NaN" || field == "nan" || field == "N/A" || field == "n/a" || field == "#NA";
    case 4:
      return field == "NULL" || field == "null" || field == "None" || field == "#N/A" ||
             field == "<NA>" || field == "-NaN" || field == "-nan";
    case 7:
      return field == "-1.#IND" || field == "1.#QNAN";
    case 6:
      return field == "1.#IND";
    case 8:
      return field == "#N/A N/A" || field == "-1.#QNAN";
    default:
      return false;
  }
}

IntOutcome parse_int64(std::string_view field, std::int64_t& value) {
  // Up to 18 digits cannot overflow; blanks, '+', longer ints and "-0" are looked at with care.
  const bool negative = !field.empty() && field[0] == '-';
  const std::size_t first = negative ? 1 : 0;
  const std::size_t digits = field.size() - first;
  if (digits == 0 || digits > 18) return parse_int64_with_care(field, value);
  std::int64_t sum = 0;
  for (std::size_t at = first; at < field.size(); ++at) {
    if (!is_digit(field[at])) return parse_int64_with_care(field, value);
    sum = sum * 10 + (field[at] - '0');
  }
  value = negative ? -sum : sum;
  return negative && sum == 0 ? IntOutcome::ok_float_differs : IntOutcome::ok;
}

IntOutcome parse_uint64(std::string_view field, std::uint64_t& value) {
  const ScannedInt scan = scan_int(field);
  value = scan.magnitude.value;
  const bool negative = scan.sign == '-' && value != 0;
  return outcome_of(scan, !scan.magnitude.overflow && !negative);
}

bool parse_float64(std::string_view field, double& value) {
  return parse_decimal(field, value) || parse_float64_with_care(field, value);
}

bool parse_decimal(std::string_view text, double& value) {
  // from_chars would take inf and nan, too.
  const std::size_t first = !text.empty() && text[0] == '-' ? 1 : 0;
  if (first == text.size() || !(is_digit(text[first]) || text[first] == '.')) return false;
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto [behind, error] = fast_float::from_chars(begin, end, value);
  return behind == end && error != std::errc::invalid_argument;
}

bool parse_boolean(std::string_view field, bool& value) {
  value = equals_ignoring_case(field, "true");
  return value || equals_ignoring_case(field, "false");
}

}  // namespace gradstep::csv
