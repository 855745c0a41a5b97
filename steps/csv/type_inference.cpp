#include "steps/csv/type_inference.hpp"

#include <limits>
#include <string>

#include "steps/csv/ascii.hpp"
#include "steps/csv/number_parse.hpp"
#include "steps/csv/python_number.hpp"

namespace gradstep::csv {

void ColumnTypes::add(const BlockColumn& block) {
  if (first_failure_ == IntFailure::none) first_failure_ = block.first_failure;
  missing_ |= block.missing;
  numbers_ |= block.kind == BlockKind::int64 || block.kind == BlockKind::float64;
  booleans_ |= block.kind == BlockKind::boolean;
  text_ |= block.kind == BlockKind::text;
}

Start ColumnTypes::start() const {
  if (first_failure_ == IntFailure::none) return Start::ints;
  if (has_large_ints() || text_ || (booleans_ && numbers_)) return Start::text;
  return booleans_ ? Start::booleans : Start::floats;
}

Verdict ColumnTypes::verdict() const {
  if (first_failure_ == IntFailure::none)
    return missing_ ? Verdict{CellType::float64, true, false} : Verdict{CellType::int64};
  if (text_ || (booleans_ && numbers_)) return {CellType::text};
  return {booleans_ ? CellType::boolean : CellType::float64};
}

void LargeInts::add(std::string_view field, std::int64_t offset) {
  if (is_na(field)) {
    if (first_missing_ < 0) first_missing_ = offset;
    return;
  }
  const std::string_view text = without_leading_blanks(field);
  if (!text.empty() && text[0] == '-') {
    below_ = true;
  } else if (first_event_ == Event::none) {
    std::uint64_t value = 0;
    const IntOutcome outcome = parse_uint64(field, value);
    if (outcome == IntOutcome::overflow) first_event_ = Event::too_large;
    if (outcome == IntOutcome::not_int) first_event_ = Event::not_int;
    above_ |= first_event_ == Event::none && value > std::numeric_limits<std::int64_t>::max();
  }
  double number = 0;
  floats_ = floats_ && parse_float64(field, number);
  std::string digits;
  python_ints_ = python_ints_ && parse_python_int(field, digits);
}

void LargeInts::append(const LargeInts& next) {
  if (first_event_ == Event::none) first_event_ = next.first_event_;
  above_ |= next.above_;
  below_ |= next.below_;
  floats_ &= next.floats_;
  python_ints_ &= next.python_ints_;
  if (first_missing_ < 0) first_missing_ = next.first_missing_;
}

Verdict LargeInts::verdict() const {
  const Verdict text_with_na{CellType::text, false, true};
  if (first_event_ == Event::not_int) return {floats_ ? CellType::float64 : CellType::text};
  if (first_event_ == Event::none && above_)
    return below_ || first_missing_ >= 0 ? text_with_na : Verdict{CellType::uint64};
  return python_ints_ ? Verdict{CellType::big_int} : text_with_na;
}

}  // namespace gradstep::csv
