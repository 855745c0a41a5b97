#include "steps/csv/tokenizer.hpp"

#include <algorithm>

namespace gradstep::csv {
namespace {

const char* skip_blanks(const char* at, const char* end) {
  return std::find_if_not(at, end, [](char c) { return c == ' ' || c == '\t'; });
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

std::optional<Records::Problem> Records::split(std::span<char> text, std::int64_t width) {
  rows_ = 0;
  width_ = width;
  const char* const end = text.data() + text.size();
  const char* at = skip_empty_lines(text.data(), end);
  while (at != end) {
    const auto first = static_cast<std::size_t>(rows_ * width);
    const std::size_t needed = first + static_cast<std::size_t>(width);
    if (needed > fields_.size()) fields_.resize(std::max(needed, 2 * fields_.size()));
    Field* const row = fields_.data() + first;
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
    // The fields that a short record lacks are empty ones where its line ends.
    const Field lacking{static_cast<std::uint32_t>(line_end - text.data()), 0, 0};
    for (; found < width; ++found) row[found] = lacking;
    at = skip_empty_lines(next, end);
    ++rows_;
  }
  return std::nullopt;
}

}  // namespace gradstep::csv
