#include "steps/csv/number_print.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

namespace gradstep::csv {
namespace {

char* put(char* out, std::string_view text) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// The digits of "d.ddde+XX" in positional notation. `digits` is without point and sign.
char* print_positional(char* out, std::string_view digits, int exponent) {
  if (exponent < 0) {
    out = put(out, "0.");
    out = std::fill_n(out, -exponent - 1, '0');
    return put(out, digits);
  }
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() > whole) {
    out = put(out, digits.substr(0, whole));
    *out++ = '.';
    return put(out, digits.substr(whole));
  }
  out = put(out, digits);
  out = std::fill_n(out, whole - digits.size(), '0');
  return put(out, ".0");
}

}  // namespace

char* print(char* out, double value) {
  // Ints, frequent because a missing value makes an int column float64, need no shortest digits.
  constexpr double exact_ints = 1e15;
  if (std::abs(value) < exact_ints && value == std::trunc(value) &&
      !(value == 0 && std::signbit(value)))
    return put(print(out, static_cast<std::int64_t>(value)), ".0");
  if (std::isnan(value)) return out;
  if (std::isinf(value)) return put(out, value < 0 ? "-inf" : "inf");

  std::array<char, longest_number> text;  // to_chars: [-]d[.ddd]e[+-]XX
  const char* const end =
      std::to_chars(text.begin(), text.end(), value, std::chars_format::scientific).ptr;
  char* first = text.begin();
  if (*first == '-') *out++ = *first++;
  const char* const e = std::find(static_cast<const char*>(first), end, 'e');
  int exponent = 0;
  std::from_chars(e + 2, end, exponent);
  if (e[1] == '-') exponent = -exponent;
  if (exponent < -4 || exponent >= 16)
    return put(out, {first, static_cast<std::size_t>(end - first)});

  const bool point = e - first > 1;
  if (point) first[1] = first[0];  // the digits in a row, from behind the sign's place on
  const char* const digits = first + (point ? 1 : 0);
  return print_positional(out, {digits, static_cast<std::size_t>(e - digits)}, exponent);
}

char* print(char* out, std::int64_t value) {
  return std::to_chars(out, out + longest_number, value).ptr;
}

char* print(char* out, std::uint64_t value) {
  return std::to_chars(out, out + longest_number, value).ptr;
}

}  // namespace gradstep::csv
