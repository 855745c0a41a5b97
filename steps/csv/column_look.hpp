#pragma once

#include <cstdint>
#include <span>

#include "steps/csv/column_parse.hpp"

namespace gradstep::csv {

/// How near a block's fields of a column are to what to_csv would print of them.
struct FieldForms {
  bool same = false;          ///< what is present prints as it stands, as the block's kind
  bool pointed = false;       ///< kind int64 or float64: each number has a point
  bool missing_empty = true;  ///< what is missing is an empty field, and prints as it stands
};

/// What parse_inferred finds, but without cells: faster, where most fields are short decimals.
/// @param forms    out; `same` may be false where a longer look would find it true
/// @param scratch  length fields.rows()
/// @param keep     as for parse_inferred
[[nodiscard]] BlockColumn look_at(const ColumnFields& fields, Start start, FieldForms& forms,
                                  std::span<std::int64_t> scratch,
                                  std::span<std::uint8_t> keep = {});

}  // namespace gradstep::csv
