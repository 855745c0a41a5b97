#pragma once

#include <cstddef>
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

/// The most classes that a label column may have: each costs a fit, and a row of the reports.
inline constexpr std::size_t most_classes = 100;

/// The label column of a table.
struct Labels {
  std::vector<ClassValue> classes;         ///< ascending; of two, the second is the positive one
  std::vector<std::int32_t> class_of_row;  ///< length n: an index into classes
};

/// Takes whole numbers, True and False, or text for labels; `column` is one of `table`'s.
///
/// @throws DataError  when a label is missing or infinite, when numbers are not whole, or when
///                    there are fewer classes than two or more than most_classes; with file, line
///                    and what was found
///
/// Cost: one pass over the column, each row compared with half of the classes; text is read again
/// from its file.
/// Source: numpy.unique (the order) and scikit-learn 1.9, LogisticRegression.fit (the refusals).
[[nodiscard]] Labels read_labels(const csv::Table& table, const csv::Column& column);

}  // namespace gradstep
