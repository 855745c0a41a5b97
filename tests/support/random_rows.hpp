#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "kernels/row_blocks.hpp"

namespace gradstep::test {

/// n rows by d columns of normal numbers, classes 0, 1, 2 that depend on the first column, folds
/// -1 .. 3 and weights, all by a fixed seed.
struct RandomRows {
  std::vector<std::vector<double>> columns;
  std::vector<std::int32_t> class_of_row;
  std::vector<std::int32_t> fold_of_row;
  std::vector<double> weight;

  RandomRows(std::int64_t n, std::int64_t d) : columns(static_cast<std::size_t>(d)) {
    std::mt19937_64 random(20261123);
    std::normal_distribution<double> normal;
    for (std::int64_t r = 0; r < n; ++r) {
      for (auto& column : columns) column.push_back(normal(random));
      const double score = (d > 0 ? columns[0].back() : 0) + normal(random);
      class_of_row.push_back(score < -0.5 ? 0 : score < 0.5 ? 1 : 2);
      fold_of_row.push_back(static_cast<std::int32_t>(random() % 5) - 1);
      weight.push_back(static_cast<double>(random() % 4) / 2);
    }
  }

  [[nodiscard]] std::size_t n() const { return class_of_row.size(); }

  /// a_ic of A = [X 1].
  [[nodiscard]] double a(std::size_t row, std::size_t column) const {
    return column < columns.size() ? columns[column][row] : 1.0;
  }

  [[nodiscard]] ColumnsInMemory<double> rows() const {
    std::vector<const double*> views;
    for (const auto& column : columns) views.push_back(column.data());
    return {views, static_cast<std::int64_t>(n())};
  }
};

}  // namespace gradstep::test
