#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>

#include "steps/flag_values.hpp"
#include "steps/pipeline/yaml.hpp"

namespace gradstep::pipeline {
namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view digits_or_bar = "0123456789_";

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

/// What is left of a text that is read from the left, piece by piece.
struct Rest {
  std::string_view text;

  [[nodiscard]] bool done() const { return text.empty(); }
  /// Takes one character when it is one of these.
  bool one(std::string_view of) {
    if (text.empty() || of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
  }
  bool word(std::string_view expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(expected.size());
    return true;
  }
  /// Takes as many as there are of these; how many.
  std::size_t some(std::string_view of) {
    const std::size_t count = std::min(text.find_first_not_of(of), text.size());
    text.remove_prefix(count);
    return count;
  }
  /// Between `fewest` and `most` digits.
  bool number(std::size_t fewest, std::size_t most) {
    const std::size_t count = some(digits);
    return count >= fewest && count <= most;
  }
  /// (?::[0-5]?[0-9])+
  bool base_60() {
    int count = 0;
    while (one(":")) {
      const std::string_view before = text;
      const std::size_t length = some(digits);
      if (length == 0 || length > 2 || (length == 2 && before.front() > '5')) return false;
      ++count;
    }
    return count > 0;
  }
};

bool is_integer(Rest rest) {
  (void)rest.one("-+");
  const Rest unsigned_rest = rest;
  if (rest.word("0b")) return rest.some("01_") > 0 && rest.done();
  if (rest.word("0x")) return rest.some("0123456789abcdefABCDEF_") > 0 && rest.done();
  if (rest.one("0")) return (void)rest.some("01234567_"), rest.done();
  rest = unsigned_rest;
  if (!rest.one("123456789")) return false;
  (void)rest.some(digits_or_bar);
  return rest.done() || (rest.base_60() && rest.done());
}

bool ends_with_exponent(Rest rest) {
  if (rest.one("eE")) return rest.one("-+") && rest.some(digits) > 0 && rest.done();
  return rest.done();
}

bool is_real(Rest rest) {
  const bool has_sign = rest.one("-+");
  if (rest.one(".")) {
    if (is_one_of(rest.text, {"inf", "Inf", "INF"})) return true;
    if (has_sign) return false;
    if (is_one_of(rest.text, {"nan", "NaN", "NAN"})) return true;
    return rest.one(digits) && ((void)rest.some(digits_or_bar), ends_with_exponent(rest));
  }
  if (!rest.one(digits)) return false;
  (void)rest.some(digits_or_bar);
  if (rest.text.starts_with(':'))
    return rest.base_60() && rest.one(".") && ((void)rest.some(digits_or_bar), rest.done());
  return rest.one(".") && ((void)rest.some(digits_or_bar), ends_with_exponent(rest));
}

bool is_timestamp(Rest rest) {
  const std::string_view date = rest.text.substr(0, 10);
  if (!rest.number(4, 4) || !rest.one("-") || !rest.number(1, 2) || !rest.one("-") ||
      !rest.number(1, 2))
    return false;
  if (rest.done()) return date.size() == 10;
  if (!rest.one("Tt") && rest.some(" \t") == 0) return false;
  if (!rest.number(1, 2) || !rest.one(":") || !rest.number(2, 2) || !rest.one(":") ||
      !rest.number(2, 2))
    return false;
  if (rest.one(".")) (void)rest.some(digits);
  (void)rest.some(" \t");
  if (rest.done() || rest.one("Z")) return rest.done();
  if (!rest.one("-+") || !rest.number(1, 2)) return false;
  return rest.done() || (rest.one(":") && rest.number(2, 2) && rest.done());
}

/// "1:30:05" in base 60, and numbers with underscores, which YAML 1.1 has.
double sexagesimal(const std::string& text) {
  double value = 0;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    value = value * 60 + parse_real(text.substr(begin, end - begin)).value_or(0);
    begin = end + 1;
  }
  return value;
}

double in_base(std::string_view text, int base) {
  double value = 0;
  for (const char c : text) {
    const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
    value = value * base + digit;
  }
  return value;
}

}  // namespace

ScalarType plain_scalar_type(std::string_view text) {
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return ScalarType::null;
  if (is_one_of(text, {"yes", "Yes", "YES", "no", "No", "NO", "true", "True", "TRUE", "false",
                       "False", "FALSE", "on", "On", "ON", "off", "Off", "OFF"}))
    return ScalarType::boolean;
  if (is_integer({text})) return ScalarType::integer;
  if (is_real({text})) return ScalarType::real;
  if (is_timestamp({text})) return ScalarType::timestamp;
  return ScalarType::text;
}

bool boolean_value(const YamlNode& scalar) { return parse_boolean(scalar.text).value_or(false); }

double real_value(const YamlNode& scalar) {
  std::string text = scalar.text;
  std::erase(text, '_');
  const double sign = text.starts_with('-') ? -1 : 1;
  if (text.starts_with('-') || text.starts_with('+')) text.erase(0, 1);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (text == ".nan") return std::numeric_limits<double>::quiet_NaN();
  if (text == ".inf") return sign * std::numeric_limits<double>::infinity();
  if (text.find(':') != std::string::npos) return sign * sexagesimal(text);
  if (scalar.type == ScalarType::integer && text.size() > 1 && text[0] == '0') {
    if (text[1] == 'x') return sign * in_base(text.substr(2), 16);
    if (text[1] == 'b') return sign * in_base(text.substr(2), 2);
    return sign * in_base(text, 8);
  }
  return sign * parse_real(text).value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace gradstep::pipeline
