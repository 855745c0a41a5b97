#pragma once

#include <cstdint>
#include <span>

#include "steps/csv/table.hpp"

namespace gradstep::csv {

/// The rows that one file gave to a column.
struct Part {
  std::int64_t first_row = 0;
  CellType type = CellType::float64;
  bool absent = false;   ///< the file has no such column: the cells are missing float64
  bool empty = false;    ///< the file has the column, but no rows
  bool missing = false;  ///< a value is missing
};

/// Gives a column whose parts have been put one behind the other the type that pandas.concat gives
/// it, or segments of their own types where that is `object`; converts the cells in place.
/// @param parts  one a file, in order; at least one
/// Source: pandas 3.1, `concat`, by experiment; tests/steps/csv/csv_dialect_test.py compares.
void join_parts(std::span<const Part> parts, Column& column);

}  // namespace gradstep::csv
