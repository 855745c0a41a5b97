#include "steps/csv/column_look.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "steps/csv/number_parse.hpp"
#include "steps/csv/short_decimal.hpp"

namespace gradstep::csv {
namespace {

constexpr std::size_t bytes_readable = 32;

// A short decimal prints as it stands when it has 15 digits at most, no useless zero, and is not so
// small that repr takes an exponent.
//
// Why 15: of all decimals with up to 15 digits no two are the same double (DBL_DIG). The field is
// one of them, so no shorter decimal reads as its double, and no other of its length; repr prints
// the shortest. A field of 16 bytes with a point has 15 digits, and its value is below 10^15, where
// repr takes no exponent yet. An int of 15 digits is an exact double.
bool prints_as_it_stands(const char* body, std::size_t size, const ShortDecimal& decimal) {
  const bool starts_with_zero = body[0] == '0';
  if (!decimal.point) {
    if (starts_with_zero) return size == 1 && !decimal.negative;
    return size <= 15;
  }
  if (body[0] == '.' || decimal.decimals == 0) return false;
  if (starts_with_zero && body[1] != '.') return false;
  if (decimal.decimals == 1) return true;  // "0.0" and "-0.0" are zeros, and print so
  if (body[size - 1] == '0') return false;
  // The last decimal is not 0. Below 0.0001 repr takes an exponent.
  return !starts_with_zero || decimal.decimals <= 4 || std::memcmp(body + 2, "0000", 4) != 0;
}

// As read_short_decimal, but near the end of the text, too.
bool read_anywhere(std::string_view field, const char* text_end, ShortDecimal& decimal) {
  if (text_end - field.data() >= static_cast<std::ptrdiff_t>(bytes_readable))
    return read_short_decimal(field, text_end, decimal);
  std::array<char, 2 * bytes_readable> copy{};
  if (field.size() > bytes_readable) return false;
  std::memcpy(copy.data(), field.data(), field.size());
  return read_short_decimal({copy.data(), field.size()}, copy.data() + copy.size(), decimal);
}

// Sees short decimals and missing values only, as ints or as floats; else false.
bool look_at_numbers(const ColumnFields& fields, bool as_ints, BlockColumn& found,
                     FieldForms& forms) {
  bool present = false;
  bool missing = false;
  bool same = true;
  bool pointed = true;
  const char* const text_end = fields.text_end();
  for (std::int64_t row = 0; row < fields.rows(); ++row) {
    const std::string_view field = fields[row];
    ShortDecimal decimal;
    if (read_anywhere(field, text_end, decimal)) {
      const std::size_t sign = decimal.negative ? 1 : 0;
      const char* const body = field.data() + sign;
      // "-0" is another float than its int.
      if (as_ints && (decimal.point || (decimal.negative && body[0] == '0'))) return false;
      present = true;
      pointed = pointed && decimal.point;
      same = same && prints_as_it_stands(body, field.size() - sign, decimal);
    } else if (is_na(field)) {
      missing = true;
    } else {
      return false;
    }
  }
  found = {};
  found.kind = !present ? BlockKind::missing : as_ints ? BlockKind::int64 : BlockKind::float64;
  found.missing = missing;
  forms.same = same;
  forms.pointed = pointed;
  return true;
}

bool booleans_as_printed(const ColumnFields& fields) {
  for (std::int64_t row = 0; row < fields.rows(); ++row)
    if (fields[row] != "True" && fields[row] != "False" && !is_na(fields[row])) return false;
  return true;
}

bool missing_are_empty(const ColumnFields& fields) {
  for (std::int64_t row = 0; row < fields.rows(); ++row)
    if (!fields[row].empty() && is_na(fields[row])) return false;
  return true;
}

BlockColumn look_closer(const ColumnFields& fields, Start start, FieldForms& forms,
                        std::span<std::int64_t> scratch) {
  const BlockColumn found = parse_inferred(fields, start, scratch);
  BlockColumn ignored;
  if (found.kind == BlockKind::float64)
    static_cast<void>(look_at_numbers(fields, false, ignored, forms));
  if (found.kind == BlockKind::boolean) forms.same = booleans_as_printed(fields);
  return found;
}

}  // namespace

BlockColumn look_at(const ColumnFields& fields, Start start, FieldForms& forms,
                    std::span<std::int64_t> scratch) {
  forms = {};
  BlockColumn found;
  const bool numbers =
      start <= Start::floats && look_at_numbers(fields, start == Start::ints, found, forms);
  if (!numbers) found = look_closer(fields, start, forms, scratch);
  if (found.missing) forms.missing_empty = missing_are_empty(fields);
  return found;
}

}  // namespace gradstep::csv
