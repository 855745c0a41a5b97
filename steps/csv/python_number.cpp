#include "steps/csv/python_number.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>

#include "steps/csv/ascii.hpp"
#include "steps/csv/number_parse.hpp"
#include "steps/csv/utf8.hpp"

namespace gradstep::csv {
namespace {

// The zeros of all decimal digits of Unicode 14 (category Nd) but ASCII's; nine more follow each.
constexpr std::uint32_t zeros[] = {
    0x660,   0x6f0,   0x7c0,   0x966,   0x9e6,   0xa66,   0xae6,   0xb66,   0xbe6,   0xc66,
    0xce6,   0xd66,   0xde6,   0xe50,   0xed0,   0xf20,   0x1040,  0x1090,  0x17e0,  0x1810,
    0x1946,  0x19d0,  0x1a80,  0x1a90,  0x1b50,  0x1bb0,  0x1c40,  0x1c50,  0xa620,  0xa8d0,
    0xa900,  0xa9d0,  0xa9f0,  0xaa50,  0xabf0,  0xff10,  0x104a0, 0x10d30, 0x11066, 0x110f0,
    0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950,
    0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec,
    0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0};

bool is_unicode_space(std::uint32_t c) {
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Blanks and digits of every script become ASCII's; false at any other character beyond ASCII.
bool to_ascii(std::string_view text, std::string& ascii) {
  while (!text.empty()) {
    const auto [code_point, length] = decode_utf8(text);
    const auto* const above = std::upper_bound(std::begin(zeros), std::end(zeros), code_point);
    if (length == 1) {
      ascii += text[0];
    } else if (is_unicode_space(code_point)) {
      ascii += ' ';
    } else if (length > 0 && above != std::begin(zeros) && code_point - above[-1] < 10) {
      ascii += static_cast<char>('0' + (code_point - above[-1]));
    } else {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::string_view stripped(std::string_view text) {
  return without_trailing_blanks(without_leading_blanks(text));
}

// Underscores must stand between digits.
bool remove_underscores(std::string& text) {
  for (std::size_t at = text.find('_'); at != std::string::npos; at = text.find('_', at + 1)) {
    const bool between =
        at > 0 && at + 1 < text.size() && is_digit(text[at - 1]) && is_digit(text[at + 1]);
    if (!between) return false;
  }
  std::erase(text, '_');
  return true;
}

}  // namespace

bool parse_python_float(std::string_view text, double& value) {
  std::string number;
  if (!to_ascii(text, number)) return false;
  number = stripped(number);
  if (!remove_underscores(number)) return false;
  std::string_view body = number;
  const bool negative = !body.empty() && body[0] == '-';
  if (!body.empty() && (body[0] == '-' || body[0] == '+')) body.remove_prefix(1);
  if (equals_ignoring_case(body, "inf") || equals_ignoring_case(body, "infinity")) {
    value = std::numeric_limits<double>::infinity();
  } else if (equals_ignoring_case(body, "nan")) {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (body.starts_with('-') || !parse_decimal(body, value)) {
    return false;  // two signs, or no number
  }
  if (negative) value = -value;
  return true;
}

bool parse_python_int(std::string_view text, std::string& digits) {
  constexpr std::size_t most_digits = 4300;  // sys.get_int_max_str_digits()
  digits = stripped(text);
  const bool negative = !digits.empty() && digits[0] == '-';
  if (!digits.empty() && (digits[0] == '-' || digits[0] == '+')) digits.erase(0, 1);
  if (!remove_underscores(digits) || digits.empty() || digits.size() > most_digits) return false;
  if (!std::ranges::all_of(digits, is_digit)) return false;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  if (negative && digits != "0") digits.insert(0, 1, '-');
  return true;
}

}  // namespace gradstep::csv
