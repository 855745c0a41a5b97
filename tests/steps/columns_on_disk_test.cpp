#include "steps/columns_on_disk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "kernels/gradient_descent.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t block_rows = RowBlocks::rows_per_block;

// Column c of row r is r + c / 8.
csv::Cells column_in(csv::CellPlace place, std::int64_t c, std::int64_t rows) {
  csv::Cells cells(place);
  (void)cells.append(rows);
  for (std::int64_t r = 0; r < rows; ++r)
    cells.float64()[static_cast<std::size_t>(r)] =
        static_cast<double>(r) + static_cast<double>(c) / 8;
  return cells;
}

std::vector<csv::Cells> columns_in(csv::CellPlace place, std::int64_t cols, std::int64_t rows) {
  std::vector<csv::Cells> columns;
  columns.reserve(static_cast<std::size_t>(cols));
  for (std::int64_t c = 0; c < cols; ++c) columns.push_back(column_in(place, c, rows));
  return columns;
}

std::vector<const csv::Cells*> addresses(const std::vector<csv::Cells>& columns) {
  std::vector<const csv::Cells*> addresses;
  addresses.reserve(columns.size());
  for (const csv::Cells& column : columns) addresses.push_back(&column);
  return addresses;
}

TEST(ColumnsOnDisk, AreTheCellsBlockByBlockAgainAndAgain) {
  constexpr std::int64_t cols = 3;
  for (const std::int64_t rows :
       {std::int64_t{0}, std::int64_t{1}, block_rows, block_rows + 1, 4 * block_rows - 5}) {
    const auto columns = columns_in(csv::CellPlace::temporary_file, cols, rows);
    const ColumnsOnDisk source(addresses(columns), rows, 2 * block_rows * cols * 8);
    for (const int workers : {1, 2, 8}) {
      std::vector<int> right(static_cast<std::size_t>(rows), 0);

      source.for_each(
          workers,
          [&](const RowBlock& block, int) {
            for (std::int64_t i = 0; i < block.rows; ++i) {
              const std::int64_t row = block.first_row + i;
              for (std::int64_t c = 0; c < cols; ++c)
                right[static_cast<std::size_t>(row)] +=
                    block.float64[static_cast<std::size_t>(c)][i] ==
                            static_cast<double>(row) + static_cast<double>(c) / 8
                        ? 1
                        : 0;
            }
          },
          [](std::int64_t, int) {});

      EXPECT_THAT(right, testing::Each(cols));
    }
  }
}

TEST(ColumnsOnDisk, KeepWholeBlocksThatFitInMemory) {
  constexpr std::int64_t rows = 3 * block_rows + 7;
  const auto columns = columns_in(csv::CellPlace::temporary_file, 2, rows);
  const auto resident_rows = [&](std::int64_t bytes) {
    return ColumnsOnDisk(addresses(columns), rows, bytes).resident_rows();
  };
  constexpr std::int64_t bytes_of_a_block = block_rows * 2 * 8;

  EXPECT_EQ(resident_rows(0), 0);
  EXPECT_EQ(resident_rows(bytes_of_a_block - 1), 0);
  EXPECT_EQ(resident_rows(bytes_of_a_block), block_rows);
  EXPECT_EQ(resident_rows(3 * bytes_of_a_block), 3 * block_rows);
  EXPECT_EQ(resident_rows(1'000 * bytes_of_a_block), rows);
}

TEST(ColumnsOnDisk, AreFittedToTheSameBits) {
  constexpr std::int64_t rows = 3 * block_rows + 7;
  std::vector<std::int32_t> classes(static_cast<std::size_t>(rows));
  const auto fill = [](std::vector<csv::Cells> columns) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::span<double> values = columns[c].float64();
      for (std::size_t r = 0; r < values.size(); ++r)
        values[r] = static_cast<double>((r * (2 * c + 7919)) % 1'009) / 1'009;
    }
    return columns;
  };
  for (std::size_t r = 0; r < classes.size(); ++r) classes[r] = (r * 7919) % 1'009 > 400 + r % 300;
  const auto on_disk = fill(columns_in(csv::CellPlace::temporary_file, 4, rows));
  const auto in_memory = fill(columns_in(csv::CellPlace::memory, 4, rows));
  const std::vector<Model> models{{.reg = 0.5}};
  const auto fit = [&](const std::vector<csv::Cells>& columns, std::int64_t resident, int threads) {
    const ColumnsOnDisk source(addresses(columns), rows, resident);
    const LogisticProblem problem{.rows = &source,
                                  .class_of_row = classes,
                                  .fold_of_row = {},
                                  .row_weight = {},
                                  .models = models};
    return gradient_descent(problem, {.threads = threads}).front();
  };
  const Fit expected = fit(in_memory, 0, 1);

  for (const std::int64_t resident : {std::int64_t{0}, 2 * block_rows * 4 * 8}) {
    const Fit found = fit(on_disk, resident, 2);
    EXPECT_EQ(found.coefficients, expected.coefficients);
    EXPECT_EQ(found.intercept, expected.intercept);
    EXPECT_EQ(found.passes, expected.passes);
  }
}

}  // namespace
}  // namespace gradstep
