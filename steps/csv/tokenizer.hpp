#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace gradstep::csv {

/// A field as it stands in the file. Fields end at commas, records at \n, \r\n or \r. A quote opens
/// a quoted part only as the first byte of a field; inside, "" is a quote; behind the closing quote
/// the field goes on as plain text.
struct RawField {
  const char* begin = nullptr;  ///< of the value, unless unquote() must make it
  const char* end = nullptr;
  const char* next = nullptr;  ///< the comma or line end behind the field, or the text's end
  bool quoted = false;         ///< a quote stands before `begin`
  bool escaped = false;        ///< the value is unquote(begin, next, …)
  bool open = false;           ///< the text ends inside the quotes
};

[[nodiscard]] inline bool ends_field(char c) {
  // Nearly every byte of a number or a word is greater than a comma.
  return static_cast<unsigned char>(c) <= ',' && (c == ',' || c == '\n' || c == '\r');
}

[[nodiscard]] inline const char* plain_end(const char* at, const char* end) {
  while (at != end && !ends_field(*at)) ++at;
  return at;
}

/// The field that starts with the quote before `begin`.
[[nodiscard]] inline RawField scan_quoted(const char* begin, const char* end) {
  RawField field{begin, end, end, true, false, false};
  const char* at = begin;
  while (true) {
    const auto* const quote =
        static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
    if (quote == nullptr) {
      field.open = true;
      return field;
    }
    field.end = quote;
    if (quote + 1 == end || quote[1] != '"') break;
    field.escaped = true;
    at = quote + 2;
  }
  field.next = plain_end(field.end + 1, end);
  field.escaped = field.escaped || field.next != field.end + 1;
  return field;
}

/// The field that starts at `at`; an empty one where `at` is `end`.
[[nodiscard]] inline RawField scan_field(const char* at, const char* end) {
  if (at != end && *at == '"') return scan_quoted(at + 1, end);
  const char* const next = plain_end(at, end);
  return {at, next, next, false, false, false};
}

/// Writes an escaped field's value to `out` and returns its end. `out` may be `begin`.
char* unquote(const char* begin, const char* next, char* out);

/// Skips lines without a byte or with only blanks and tabs; returns where a record starts, or
/// `end`. Quirk: a comma behind a skipped line that ends in a lone \r is skipped as if it were \n,
/// unless a blank and then text follow.
[[nodiscard]] const char* skip_empty_lines(const char* at, const char* end);

/// A field of a block: its value is text[begin, begin + size).
struct Field {
  std::uint32_t begin = 0;
  std::uint32_t size : 31 = 0;
  std::uint32_t quoted : 1 = 0;  ///< in the file the field starts one byte earlier, with a quote
};

/// A block's text is shorter, because of Field.
inline constexpr std::int64_t longest_block = std::int64_t{1} << 30U;

/// Splits one record that starts at `at` and calls `emit(Field, next)` for each field, `next` being
/// the comma or line end behind it. Escaped fields are unquoted in place. Returns what is behind
/// the record, or nullptr when a quote is not closed.
template <class Emit>
[[nodiscard]] const char* split_record(char* text, const char* at, const char* end, Emit emit) {
  while (true) {
    const RawField raw = scan_field(at, end);
    if (raw.open) return nullptr;
    const char* value_end = raw.end;
    if (raw.escaped) value_end = unquote(raw.begin, raw.next, text + (raw.begin - text));
    Field field;
    field.begin = static_cast<std::uint32_t>(raw.begin - text);
    field.size = static_cast<std::uint32_t>(value_end - raw.begin) & 0x7FFFFFFFU;
    field.quoted = raw.quoted ? 1 : 0;
    emit(field, raw.next);
    if (raw.next == end) return end;
    at = raw.next + 1;
    if (*raw.next == ',') continue;
    return *raw.next == '\r' && at != end && *at == '\n' ? at + 1 : at;
  }
}

struct PlainPlace;

/// The records of a block of text, all of the same width.
class Records {
 public:
  /// Why a block cannot be split.
  struct Problem {
    std::int64_t at = 0;     ///< where the record starts, in the block
    std::int64_t found = 0;  ///< its number of fields; 0: a quote is not closed
  };

  /// Splits the text; short records are filled with empty fields. Fields that need it are unquoted
  /// in place. @param width at least 1
  [[nodiscard]] std::optional<Problem> split(std::span<char> text, std::int64_t width);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t width() const { return width_; }
  /// True when no record was short: between the fields of one there are commas only, but for
  /// quotes.
  [[nodiscard]] bool complete() const { return complete_; }
  /// The fields, record after record.
  [[nodiscard]] const Field* fields() const { return fields_.data(); }

 private:
  const char* split_plain(const char* text, const char* at, const char* end);
  bool split_step(const char* text, PlainPlace& place);
  [[nodiscard]] Field* room(std::size_t fields);

  std::vector<Field> fields_;
  std::int64_t rows_ = 0;
  std::int64_t width_ = 0;
  bool complete_ = true;
};

}  // namespace gradstep::csv
