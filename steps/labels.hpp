#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "steps/csv/table.hpp"

namespace gradstep {

/// What stands for a class in the label column.
using ClassValue = std::variant<bool, std::int64_t, std::uint64_t, double, std::string>;

/// As Python shows it: True, 1, 1.0, yes.
[[nodiscard]] std::string class_text(const ClassValue& value);

/// The label column of a table with two classes.
struct Labels {
  std::array<ClassValue, 2> classes;       ///< ascending, the second is the positive one
  std::vector<std::int32_t> class_of_row;  ///< length n: an index into classes
};

/// Takes whole numbers, True and False, or text for labels; `column` is one of `table`'s.
///
/// @throws DataError  when a label is missing or infinite, when numbers are not whole, or when
///                    there are not exactly two classes; with file, line and what was found
///
/// Cost: one pass over the column; text is read again from its file.
/// Source: numpy.unique (the order) and scikit-learn 1.9, LogisticRegression.fit (the refusals).
[[nodiscard]] Labels read_labels(const csv::Table& table, const csv::Column& column);

}  // namespace gradstep
