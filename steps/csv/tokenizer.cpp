#include "steps/csv/tokenizer.hpp"

#include <algorithm>
#include <bit>

#include "steps/csv/byte_masks.hpp"
#include "steps/csv/regular_records.hpp"

namespace gradstep::csv {
namespace {

const char* skip_blanks(const char* at, const char* end) {
  return std::find_if_not(at, end, [](char c) { return c == ' ' || c == '\t'; });
}

// Lines that start so may have to be skipped.
bool starts_with_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The quotes, and the \r that are not part of a \r\n.
std::uint64_t not_plain(const ByteMasks& masks, bool newline_follows) {
  const std::uint64_t before_newline =
      masks.newlines >> 1U | static_cast<std::uint64_t>(newline_follows) << 63U;
  return masks.quotes | (masks.returns & ~before_newline);
}

bool blanks_then_text(const char* at, const char* end) {
  const char* const behind = skip_blanks(at, end);
  return behind != at && behind != end && *behind != '\r' && *behind != '\n';
}

}  // namespace

char* unquote(const char* begin, const char* next, char* out) {
  const char* at = begin;
  while (true) {
    const auto* const quote =
        static_cast<const char*>(std::memchr(at, '"', static_cast<std::size_t>(next - at)));
    out = std::copy(at, quote, out);
    at = quote + 1;
    if (at == next || *at != '"') break;
    *out++ = *at++;
  }
  return std::copy(at, next, out);
}

const char* skip_empty_lines(const char* at, const char* end) {
  while (true) {
    const char* const behind = skip_blanks(at, end);
    if (behind == end) return end;
    if (*behind != '\r' && *behind != '\n') return at;
    at = behind + 1;
    if (*behind == '\n' || at == end) continue;
    if (*at == '\n' || (*at == ',' && !blanks_then_text(at + 1, end))) ++at;
  }
}

// At least so many fields behind those of the rows.
Field* Records::room(std::size_t fields) {
  const std::size_t first = static_cast<std::size_t>(rows_ * width_);
  if (first + fields > fields_.size()) fields_.resize(std::max(first + fields, 2 * fields_.size()));
  return fields_.data() + first;
}

// Splits the plain records from `at` on, and returns where the first other one starts, or the first
// that ends within the last bytes. Goes by 64 bytes at a time: the regular ones all at once, in the
// others from one comma or line end to the next.
const char* Records::split_plain(const char* text, const char* at, const char* end) {
  static const SplitRegular split_steps = split_regular();
  PlainPlace place{at, at, at, 0, rows_};
  while (true) {
    static_cast<void>(room(static_cast<std::size_t>(place.column + fields_of_a_step)));
    split_steps({text, end, width_, fields_.data(), std::ssize(fields_)}, place);
    rows_ = place.rows;
    if (end - place.at <= bytes_of_a_mask) return place.record;
    if (!split_step(text, place)) return place.record;
  }
}

// Splits 64 bytes. @return false where a record starts that is not plain
bool Records::split_step(const char* text, PlainPlace& place) {
  const char* const at = place.at;
  const ByteMasks masks = byte_masks(at);
  const std::uint64_t other = not_plain(masks, at[bytes_of_a_mask] == '\n');
  const std::uint64_t before_other = other == 0 ? ~std::uint64_t{0} : (other & (0 - other)) - 1;
  Field* field = room(static_cast<std::size_t>(place.column + bytes_of_a_mask)) + place.column;
  for (std::uint64_t ends = (masks.commas | masks.newlines) & before_other; ends != 0;
       ends &= ends - 1) {
    const auto bit = static_cast<unsigned>(std::countr_zero(ends));
    const char* const stop = at + bit;
    const bool newline = (masks.newlines >> bit & 1U) != 0;
    const bool two_bytes = newline && stop != place.begin && stop[-1] == '\r';
    field->begin = static_cast<std::uint32_t>(place.begin - text);
    field->size =
        static_cast<std::uint32_t>(stop - place.begin - (two_bytes ? 1 : 0)) & 0x7FFFFFFFU;
    field->quoted = 0;
    ++field;
    ++place.column;
    place.begin = stop + 1;
    if (newline != (place.column == width_)) return false;
    if (!newline) continue;
    place.rows = ++rows_;
    place.column = 0;
    place.record = place.begin;
    if (starts_with_blank(*place.begin)) return false;
  }
  place.at += bytes_of_a_mask;
  return other == 0;
}

std::optional<Records::Problem> Records::split(std::span<char> text, std::int64_t width) {
  rows_ = 0;
  width_ = width;
  complete_ = true;
  const char* const end = text.data() + text.size();
  const char* at = skip_empty_lines(text.data(), end);
  while (true) {
    at = skip_empty_lines(split_plain(text.data(), at, end), end);
    if (at == end) return std::nullopt;
    Field* const row = room(static_cast<std::size_t>(width));
    std::int64_t found = 0;
    const char* line_end = end;
    const auto emit = [&](Field field, const char* behind) {
      if (found < width) row[found] = field;
      ++found;
      line_end = behind;
    };
    const char* const next = split_record(text.data(), at, end, emit);
    if (next == nullptr) return Problem{at - text.data(), 0};
    if (found > width) return Problem{at - text.data(), found};
    complete_ = complete_ && found == width;
    // The fields that a short record lacks are empty ones where its line ends.
    const Field lacking{static_cast<std::uint32_t>(line_end - text.data()), 0, 0};
    for (; found < width; ++found) row[found] = lacking;
    at = skip_empty_lines(next, end);
    ++rows_;
  }
}

}  // namespace gradstep::csv
