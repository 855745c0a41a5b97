#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/row_blocks.hpp"

namespace gradstep::bench {

/// Ten float64 columns of fixed seed; three of them miss one cell in a hundred.
struct TableWithGaps {
  static constexpr std::size_t cols = 10;
  std::vector<std::vector<double>> columns;

  explicit TableWithGaps(std::int64_t rows)
      : columns(cols, std::vector<double>(static_cast<std::size_t>(rows))) {
    std::mt19937_64 random(20261123);
    for (std::size_t c = 0; c < cols; ++c)
      for (double& value : columns[c])
        value = c < 3 && random() % 100 == 0 ? std::nan("") : static_cast<double>(random() % 1000);
  }

  [[nodiscard]] std::vector<const double*> views() const {
    std::vector<const double*> views;
    views.reserve(cols);
    for (const auto& column : columns) views.push_back(column.data());
    return views;
  }

  [[nodiscard]] ColumnsInMemory<double> rows() const {
    return {views(), std::ssize(columns.front())};
  }
};

}  // namespace gradstep::bench
