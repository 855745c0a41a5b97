#include "steps/labels.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "kernels/core/error.hpp"
#include "steps/python_repr.hpp"

namespace gradstep {
namespace {

/// A message about the label of one row.
std::string about_row(const csv::Table& table, const csv::Column& column, std::int64_t row,
                      std::string_view finding) {
  const csv::Location place = table.locate(row);
  return place.file + ":" + std::to_string(place.line) + ": column '" + column.name +
         "': " + std::string(finding);
}

/// Gives each distinct value a number in the order of their appearance.
template <class T>
class Classes {
 public:
  /// The number of `value`'s class; -1 when there have been too many to go on.
  template <class Like>
  std::int32_t number_of(const Like& value) {
    for (std::size_t k = 0; k < found_.size(); ++k) {
      if (found_[k] == value) return static_cast<std::int32_t>(k);
    }
    if (found_.size() == most_classes) {
      more_ = true;
      return -1;
    }
    found_.emplace_back(value);
    return static_cast<std::int32_t>(found_.size()) - 1;
  }

  /// The labels, given each row's class by number_of().
  [[nodiscard]] Labels labels(std::vector<std::int32_t> number_of_row,
                              const csv::Column& column) const {
    if (found_.size() < 2 || more_) throw DataError(refusal(column));
    std::vector<std::size_t> ascending(found_.size());  // numbers, by value
    std::iota(ascending.begin(), ascending.end(), 0);
    std::ranges::sort(ascending, {}, [this](std::size_t number) { return T(found_[number]); });
    Labels labels;
    labels.classes.reserve(found_.size());
    std::vector<std::int32_t> place(found_.size());
    for (const std::size_t number : ascending) {
      place[number] = static_cast<std::int32_t>(labels.classes.size());
      labels.classes.push_back(value(found_[number]));
    }
    for (std::int32_t& number : number_of_row) number = place[static_cast<std::size_t>(number)];
    labels.class_of_row = std::move(number_of_row);
    return labels;
  }

 private:
  static constexpr std::size_t most_named = 10;

  static ClassValue value(const T& found) { return ClassValue(std::in_place_type<T>, found); }

  [[nodiscard]] std::string refusal(const csv::Column& column) const {
    const std::string text = "column '" + column.name + "' is the label and has ";
    if (found_.empty()) return text + "0 classes; two or more are needed";
    if (!more_)
      return text + "1 class (" + class_text(value(found_.front())) + "); two or more are needed";
    std::vector<T> sorted = found_;
    std::sort(sorted.begin(), sorted.end());
    std::string names;
    for (std::size_t k = 0; k < most_named; ++k) names += class_text(value(sorted[k])) + ", ";
    const std::string most = std::to_string(most_classes);
    return text + "more than " + most + " classes (" + names +
           "…); that looks like a quantity or a name of each row, and at most " + most +
           " classes can be told apart";
  }

  std::vector<T> found_;
  bool more_ = false;
};

template <class T, class Cell>
Labels numeric_labels(std::span<const Cell> cells, const csv::Column& column) {
  Classes<T> classes;
  std::vector<std::int32_t> number_of_row(cells.size());
  for (std::size_t row = 0; row < cells.size(); ++row) {
    number_of_row[row] = classes.number_of(static_cast<T>(cells[row]));
  }
  return classes.labels(std::move(number_of_row), column);
}

template <class Cell, class Holds>
void expect_no_row(const csv::Table& table, const csv::Column& column, std::span<const Cell> cells,
                   const Holds& holds, std::string_view finding) {
  const auto bad = std::find_if(cells.begin(), cells.end(), holds);
  if (bad != cells.end()) {
    throw DataError(about_row(table, column, bad - cells.begin(), finding));
  }
}

Labels float_labels(const csv::Table& table, const csv::Column& column) {
  const std::span<const double> cells = column.cells.float64();
  expect_no_row(
      table, column, cells, [](double v) { return std::isnan(v); }, "the label is missing");
  expect_no_row(
      table, column, cells, [](double v) { return std::isinf(v); }, "the label is infinite");
  expect_no_row(
      table, column, cells, [](double v) { return v != std::trunc(v); },
      "the label is no whole number, so it names no class");
  return numeric_labels<double>(cells, column);
}

Labels boolean_labels(const csv::Table& table, const csv::Column& column) {
  const std::span<const std::int64_t> cells = column.cells.int64();
  expect_no_row(
      table, column, cells, [](std::int64_t v) { return v == 2; }, "the label is missing");
  return numeric_labels<bool>(cells, column);
}

Labels text_labels(const csv::Table& table, const csv::Column& column) {
  Classes<std::string> classes;
  std::vector<std::int32_t> number_of_row(static_cast<std::size_t>(table.rows()));
  std::int64_t missing = -1;
  table.visit_text(column, table.rows(),
                   [&](std::int64_t row, std::optional<std::string_view> text) {
                     if (text) {
                       number_of_row[static_cast<std::size_t>(row)] = classes.number_of(*text);
                     } else if (missing < 0) {
                       missing = row;
                     }
                   });
  if (missing >= 0) throw DataError(about_row(table, column, missing, "the label is missing"));
  return classes.labels(std::move(number_of_row), column);
}

}  // namespace

std::string class_text(const ClassValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::string>) {
          return held;
        } else if constexpr (std::is_same_v<Held, bool>) {
          return held ? "True" : "False";
        } else if constexpr (std::is_same_v<Held, double>) {
          return python_repr(held);
        } else {
          return std::to_string(held);
        }
      },
      value);
}

Labels read_labels(const csv::Table& table, const csv::Column& column) {
  const csv::CellType type = column.segments.front().type;
  for (const csv::Segment& segment : column.segments) {
    if (segment.type != type) {
      throw DataError(about_row(table, column, segment.first_row,
                                "the labels from here on are of another kind than those before"));
    }
  }
  switch (type) {
    case csv::CellType::int64:
      return numeric_labels<std::int64_t>(column.cells.int64(), column);
    case csv::CellType::uint64:
      return numeric_labels<std::uint64_t>(column.cells.uint64(), column);
    case csv::CellType::float64:
      return float_labels(table, column);
    case csv::CellType::boolean:
      return boolean_labels(table, column);
    case csv::CellType::text:
      return text_labels(table, column);
    case csv::CellType::big_int:
      break;
  }
  throw DataError("column '" + column.name +
                  "' is the label and holds whole numbers of more than 64 bits");
}

}  // namespace gradstep
