#include "steps/csv/stretch_text.hpp"

#include "steps/csv/blocks.hpp"
#include "steps/csv/python_number.hpp"
#include "steps/csv/tokenizer.hpp"

namespace gradstep::csv {

void StretchText::load(const Source& source, const Stretch& stretch) {
  begin_ = stretch.begin;
  read_again(source, stretch.begin, stretch.end, text_);
}

std::string_view StretchText::text(CellType type, std::int64_t cell) {
  const std::string_view found = field(cell);
  if (type != CellType::big_int) return found;
  static_cast<void>(parse_python_int(found, digits_));
  return digits_;
}

std::string_view StretchText::field(std::int64_t offset) {
  const char* const end = text_.data() + text_.size();
  const RawField raw = scan_field(text_.data() + (offset - begin_), end);
  if (!raw.escaped) return {raw.begin, static_cast<std::size_t>(raw.end - raw.begin)};
  unquoted_.resize(static_cast<std::size_t>(raw.next - raw.begin));
  const char* const unquoted_end = unquote(raw.begin, raw.next, unquoted_.data());
  return {unquoted_.data(), static_cast<std::size_t>(unquoted_end - unquoted_.data())};
}

}  // namespace gradstep::csv
