#include "steps/csv/tokenizer.hpp"

#include <algorithm>
#include <bit>

#include "steps/csv/byte_masks.hpp"

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

// Splits the records from `at` on for as long as they have neither quotes nor a lone \r and are of
// the right width, and returns where the first other one starts, or the first that ends within the
// last bytes. Goes by 64 bytes at a time from one comma or line end to the next.
const char* Records::split_plain(const char* text, const char* at, const char* end) {
  const char* record = at;
  const char* begin = at;  // of the next field
  std::int64_t column = 0;
  for (; end - at > bytes_of_a_mask; at += bytes_of_a_mask) {
    const ByteMasks masks = byte_masks(at);
    const std::uint64_t other = not_plain(masks, at[bytes_of_a_mask] == '\n');
    const std::uint64_t before_other = other == 0 ? ~std::uint64_t{0} : (other & (0 - other)) - 1;
    Field* field = room(static_cast<std::size_t>(column + bytes_of_a_mask)) + column;
    for (std::uint64_t ends = (masks.commas | masks.newlines) & before_other; ends != 0;
         ends &= ends - 1) {
      const auto bit = static_cast<unsigned>(std::countr_zero(ends));
      const char* const stop = at + bit;
      const bool newline = (masks.newlines >> bit & 1U) != 0;
      const bool two_bytes = newline && stop != begin && stop[-1] == '\r';
      field->begin = static_cast<std::uint32_t>(begin - text);
      field->size = static_cast<std::uint32_t>(stop - begin - (two_bytes ? 1 : 0)) & 0x7FFFFFFFU;
      field->quoted = 0;
      ++field;
      ++column;
      begin = stop + 1;
      if (newline != (column == width_)) return record;
      if (!newline) continue;
      ++rows_;
      column = 0;
      record = begin;
      if (starts_with_blank(*begin)) return record;
    }
    if (other != 0) return record;
  }
  return record;
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
