#include "steps/csv/column_look.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "steps/csv/number_parse.hpp"
#include "steps/csv/short_decimal.hpp"

namespace gradstep::csv {
namespace {

// A short decimal prints as it stands when it has 15 digits at most, no useless zero, and is not so
// small that repr takes an exponent. Bit 0: it does not.
//
// Why 15: of all decimals with up to 15 digits no two are the same double (DBL_DIG). The field is
// one of them, so no shorter decimal reads as its double, and no other of its length; repr prints
// the shortest. A field of 16 bytes with a point has 15 digits, and its value is below 10^15, where
// repr takes no exponent yet. An int of 15 digits is an exact double.
//
// No branches: which of two forms a field has is as random as data.
static_assert(longest_short_decimal == 16);
unsigned prints_another_way(const DecimalMasks& field) {
  const auto first = static_cast<unsigned>(16 - field.size);
  const unsigned zeros = field.zeros >> first;
  const unsigned points = field.points >> first;
  const unsigned with_point = ~((field.points - 1) >> 31U);  // bit 0
  const unsigned leading_zero = zeros & field.digits >> first >> 1U;
  const unsigned bare_point = points | field.points >> 15U;  // ".5", "5."
  // "0.0" and "-0.0" are zeros, and print so.
  const unsigned trailing_zero = with_point & (field.zeros & ~(field.points << 1U)) >> 15U;
  const unsigned sixteen_digits = ~with_point & (first == 0 ? 1U : 0U);
  // "0.0000": below 0.0001 repr takes an exponent.
  const unsigned tiny = ((zeros | points) & 0x3FU) == 0x3FU ? 1 : 0;
  return (leading_zero | bare_point | trailing_zero | sixteen_digits | tiny) & 1U;
}

// What short decimals have in common. Bits, so that nothing branches on them.
struct Decimals {
  unsigned another_way = 0;  // bit 0: one does not print as it stands
  unsigned whole = 0;        // bit 31: one has no point
  unsigned other_float = 0;  // bit 0: an int is another float than its int: "-0"
};

// As the float that it is, or as the int; false where it is no short one.
bool add_float(std::string_view field, const char* text, Decimals& seen) {
  DecimalMasks masks;
  if (!look_at_short_decimal(field, text, masks)) return false;
  seen.another_way |= prints_another_way(masks);
  seen.whole |= masks.points - 1;
  return true;
}
bool add_int(std::string_view field, const char* text, Decimals& seen) {
  std::size_t size = 0;
  bool negative = false;
  if (!look_at_short_int(field, text, size, negative)) return false;
  const unsigned zero = field[field.size() - size] == '0' ? 1 : 0;
  seen.another_way |= (zero & (size > 1 ? 1U : 0U)) | (size > 15 ? 1U : 0U);
  seen.other_float |= zero & static_cast<unsigned>(negative);
  seen.whole = 1U << 31U;
  return true;
}

// Looks at the fields from `row` on, for as long as they are short; returns the row of the first
// other one. Nothing is called within the loop: constants stay in registers.
template <auto add>
std::int64_t look_at_short(const ColumnFields fields, std::int64_t row, Decimals& seen) {
  Decimals now = seen;
  while (row < fields.rows() && add(fields[row], fields.text(), now)) ++row;
  seen = now;
  return row;
}

// A field near the start of the text.
template <auto add>
bool look_at_first(std::string_view field, Decimals& seen) {
  std::array<char, 40> copy{};
  if (!may_be_short(field)) return false;
  std::memcpy(copy.data() + 16, field.data(), field.size());
  return add({copy.data() + 16, field.size()}, copy.data(), seen);
}

// Sees short decimals and missing values only, as ints or as floats; else false.
template <auto add>
bool look_at_numbers(const ColumnFields& fields, BlockKind kind, BlockColumn& found,
                     FieldForms& forms, std::span<std::uint8_t> keep) {
  Decimals seen;
  std::int64_t missing = 0;
  bool missing_empty = true;
  for (std::int64_t row = 0; row < fields.rows(); ++row) {
    row = look_at_short<add>(fields, row, seen);
    if (row == fields.rows()) break;
    if (is_na(fields[row])) {
      ++missing;
      missing_empty = missing_empty && fields[row].empty();
      if (!keep.empty()) keep[static_cast<std::size_t>(row)] = 0;
    } else if (!look_at_first<add>(fields[row], seen)) {
      return false;
    }
  }
  if (seen.other_float != 0) return false;
  found = {};
  found.kind = missing < fields.rows() ? kind : BlockKind::missing;
  found.missing = missing > 0;
  forms = {seen.another_way == 0, seen.whole >> 31U == 0, missing_empty};
  return true;
}

bool look_at_ints(const ColumnFields& fields, BlockColumn& found, FieldForms& forms,
                  std::span<std::uint8_t> keep) {
  return look_at_numbers<add_int>(fields, BlockKind::int64, found, forms, keep);
}

bool look_at_floats(const ColumnFields& fields, BlockColumn& found, FieldForms& forms,
                    std::span<std::uint8_t> keep) {
  return look_at_numbers<add_float>(fields, BlockKind::float64, found, forms, keep);
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
                        std::span<std::int64_t> scratch, std::span<std::uint8_t> keep) {
  const BlockColumn found = parse_inferred(fields, start, scratch, keep);
  BlockColumn ignored;
  if (found.kind == BlockKind::float64)
    static_cast<void>(look_at_floats(fields, ignored, forms, {}));
  if (found.kind == BlockKind::boolean) forms.same = booleans_as_printed(fields);
  if (found.missing) forms.missing_empty = missing_are_empty(fields);
  return found;
}

}  // namespace

BlockColumn look_at(const ColumnFields& fields, Start start, FieldForms& forms,
                    std::span<std::int64_t> scratch, std::span<std::uint8_t> keep) {
  forms = {};
  BlockColumn found;
  if (start == Start::ints && look_at_ints(fields, found, forms, keep)) return found;
  if (start == Start::floats && look_at_floats(fields, found, forms, keep)) return found;
  return look_closer(fields, start, forms, scratch, keep);
}

}  // namespace gradstep::csv
