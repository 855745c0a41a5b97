#include "steps/csv/column_parse.hpp"

#include <bit>
#include <limits>

#include "steps/csv/number_parse.hpp"
#include "steps/csv/short_decimal.hpp"

namespace gradstep::csv {
namespace {

std::int64_t cell_of(double value) { return std::bit_cast<std::int64_t>(value); }

bool is_int(IntOutcome outcome) {
  return outcome == IntOutcome::ok || outcome == IntOutcome::ok_float_differs;
}

// The cells of the fields from `row` on, for as long as they are short ints but "-0"; returns the
// row of the first other one. Nothing is called within the loop: constants stay in registers.
std::int64_t parse_short_ints(const ColumnFields fields, std::int64_t row,
                              std::span<std::int64_t> cells) {
  for (; row < fields.rows(); ++row) {
    ShortDecimal decimal;
    if (!read_short_int(fields[row], fields.text(), decimal)) break;
    if (decimal.negative && decimal.digits == 0) break;
    const auto magnitude = static_cast<std::int64_t>(decimal.digits);
    const std::int64_t sign = -static_cast<std::int64_t>(decimal.negative);
    cells[static_cast<std::size_t>(row)] = (magnitude ^ sign) - sign;
  }
  return row;
}

// The same of floats that are short decimals.
std::int64_t parse_short_floats(const ColumnFields fields, std::int64_t row,
                                std::span<std::int64_t> cells) {
  for (; row < fields.rows(); ++row) {
    ShortDecimal decimal;
    double value = 0;
    if (!read_short_decimal(fields[row], fields.text(), decimal)) break;
    if (!to_float64(decimal, value)) break;
    cells[static_cast<std::size_t>(row)] = cell_of(value);
  }
  return row;
}

// Marks a row with a missing value, where anyone wants to know.
void clear(std::span<std::uint8_t> keep, std::int64_t row) {
  if (!keep.empty()) keep[static_cast<std::size_t>(row)] = 0;
}

bool parse_ints(const ColumnFields& fields, std::span<std::int64_t> cells, BlockColumn& found,
                std::span<std::uint8_t> keep = {}) {
  bool present = false;
  for (std::int64_t row = 0; row < fields.rows(); ++row) {
    const std::int64_t first = row;
    row = parse_short_ints(fields, first, cells);
    present |= row > first;
    if (found.missing)
      to_doubles(
          cells.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(row - first)));
    if (row == fields.rows()) break;
    std::int64_t value = 0;
    const IntOutcome outcome = parse_int64(fields[row], value);
    auto& cell = cells[static_cast<std::size_t>(row)];
    if (is_int(outcome)) {
      present = true;
      found.float_differs |= outcome == IntOutcome::ok_float_differs;
      cell = found.missing ? cell_of(static_cast<double>(value)) : value;
    } else if (is_na(fields[row])) {
      // The first missing value makes doubles of the ints before it.
      if (!found.missing) to_doubles(cells.first(static_cast<std::size_t>(row)));
      found.missing = true;
      clear(keep, row);
      cell = missing_cell(CellType::float64);
    } else {
      found = {};
      found.first_failure =
          outcome == IntOutcome::overflow ? IntFailure::overflow : IntFailure::not_int;
      return false;
    }
  }
  found.kind = present ? BlockKind::int64 : BlockKind::missing;
  return true;
}

bool parse_floats(const ColumnFields& fields, std::span<std::int64_t> cells, BlockColumn& found,
                  std::span<std::uint8_t> keep = {}) {
  bool present = false;
  bool missing = false;
  for (std::int64_t row = 0; row < fields.rows(); ++row) {
    if (may_be_short(fields[row])) {
      const std::int64_t first = row;
      row = parse_short_floats(fields, first, cells);
      present |= row > first;
      if (row == fields.rows()) break;
    }
    double value = 0;
    if (parse_float64(fields[row], value)) {
      present = true;
    } else if (is_na(fields[row])) {
      missing = true;
      clear(keep, row);
      value = std::numeric_limits<double>::quiet_NaN();
    } else {
      return false;
    }
    cells[static_cast<std::size_t>(row)] = cell_of(value);
  }
  found.missing = missing;
  found.kind = present ? BlockKind::float64 : BlockKind::missing;
  return true;
}

bool parse_booleans(const ColumnFields& fields, std::span<std::int64_t> cells, BlockColumn& found,
                    std::span<std::uint8_t> keep = {}) {
  bool present = false;
  bool missing = false;
  for (std::int64_t row = 0; row < fields.rows(); ++row) {
    auto& cell = cells[static_cast<std::size_t>(row)];
    bool value = false;
    if (parse_boolean(fields[row], value)) {
      present = true;
      cell = value ? 1 : 0;
    } else if (is_na(fields[row])) {
      missing = true;
      clear(keep, row);
      cell = missing_boolean;
    } else {
      return false;
    }
  }
  found.missing = missing;
  found.kind = present ? BlockKind::boolean : BlockKind::missing;
  return true;
}

void parse_texts(const ColumnFields& fields, std::span<std::int64_t> cells, BlockColumn& found,
                 std::span<std::uint8_t> keep = {}) {
  for (std::int64_t row = 0; row < fields.rows(); ++row) {
    const bool missing = is_na(fields[row]);
    found.missing |= missing;
    if (missing)
      clear(keep, row);
    else
      found.kind = BlockKind::text;
    cells[static_cast<std::size_t>(row)] = missing ? missing_text : fields.offset(row);
  }
}

}  // namespace

BlockColumn parse_inferred(const ColumnFields& fields, Start start, std::span<std::int64_t> cells,
                           std::span<std::uint8_t> keep) {
  BlockColumn found;
  if (start == Start::ints && parse_ints(fields, cells, found, keep)) return found;
  if (start <= Start::floats && parse_floats(fields, cells, found, keep)) return found;
  if (start <= Start::booleans && parse_booleans(fields, cells, found, keep)) return found;
  parse_texts(fields, cells, found, keep);
  return found;
}

bool parse_as(const Verdict& verdict, const ColumnFields& fields, std::span<std::int64_t> cells) {
  BlockColumn found;
  switch (verdict.type) {
    case CellType::int64:
      return parse_ints(fields, cells, found) && !found.missing;
    case CellType::float64:
      if (!verdict.of_ints) return parse_floats(fields, cells, found);
      if (!parse_ints(fields, cells, found)) return false;
      if (!found.missing) to_doubles(cells);
      return true;
    case CellType::boolean:
      return parse_booleans(fields, cells, found);
    case CellType::uint64:
      for (std::int64_t row = 0; row < fields.rows(); ++row) {
        std::uint64_t value = 0;
        if (!is_int(parse_uint64(fields[row], value))) return false;
        cells[static_cast<std::size_t>(row)] = std::bit_cast<std::int64_t>(value);
      }
      return true;
    default:
      if (!verdict.na_is_text) {
        parse_texts(fields, cells, found);
        return true;
      }
      for (std::int64_t row = 0; row < fields.rows(); ++row)
        cells[static_cast<std::size_t>(row)] = fields.offset(row);
      return true;
  }
}

void to_doubles(std::span<std::int64_t> ints) {
  for (std::int64_t& cell : ints) cell = cell_of(static_cast<double>(cell));
}

void clear_missing(const ColumnFields& fields, std::span<std::uint8_t> keep) {
  for (std::int64_t row = 0; row < fields.rows(); ++row)
    if (is_na(fields[row])) keep[static_cast<std::size_t>(row)] = 0;
}

std::int64_t missing_cell(CellType type) {
  switch (type) {
    case CellType::float64:
      return cell_of(std::numeric_limits<double>::quiet_NaN());
    case CellType::boolean:
      return missing_boolean;
    default:
      return missing_text;
  }
}

}  // namespace gradstep::csv
