#include "kernels/dropna.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/support/every_backend.hpp"
#include "tests/support/every_size.hpp"

namespace gradstep::test {
namespace {

using testing::ElementsAre;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

class Dropna : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(on, Dropna, testing::Values(Backend::cpu, Backend::cuda), backend_name);

TEST_P(Dropna, ClearsTheRowsWithANanInAnyColumn) {
  const std::vector<double> a{1, missing, 3, 4, 5};
  const std::vector<double> b{1, 2, 3, -missing, std::numeric_limits<double>::infinity()};
  const double* const columns[] = {a.data(), b.data()};
  std::vector<std::uint8_t> keep{1, 1, 0, 1, 1};

  EXPECT_EQ(drop_missing_rows(columns, keep, 2, backend()), 2);

  EXPECT_THAT(keep, ElementsAre(1, 0, 0, 0, 1));
}

TEST_P(Dropna, MovesTheKeptCellsToTheFrontInOrder) {
  std::vector<std::uint64_t> cells{10, 11, 12, 13, 14};
  std::uint64_t* const columns[] = {cells.data()};

  EXPECT_EQ(compact_rows(columns, std::vector<std::uint8_t>{0, 1, 0, 1, 1}, 1, backend()), 3);

  cells.resize(3);
  EXPECT_THAT(cells, ElementsAre(11, 13, 14));
}

TEST_P(Dropna, LeavesAllRowsWithoutColumns) {
  std::vector<std::uint8_t> keep{1, 0, 1};

  EXPECT_EQ(drop_missing_rows({}, keep, 1, backend()), 2);
  EXPECT_EQ(compact_rows({}, keep, 1, backend()), 2);
}

class DropnaEverySize : public EverySize {};
INSTANTIATE_TEST_SUITE_P(on, DropnaEverySize, testing::ValuesIn(every_size(1'000'000)), size_name);

// Row r has a missing value when r is 1 modulo 3, in a column that goes round; the caller drops
// every fifth row.
TEST_P(DropnaEverySize, KeepsTheWholeRowsInOrder) {
  const auto height = static_cast<std::size_t>(rows());
  const auto width = static_cast<std::size_t>(columns());
  std::vector<std::vector<double>> values(width, std::vector<double>(height, 1.0));
  std::vector<std::vector<std::uint64_t>> cells(width, std::vector<std::uint64_t>(height));
  std::vector<std::uint8_t> keep(height), expected_keep(height);
  std::vector<std::vector<std::uint64_t>> expected(width);
  for (std::size_t r = 0; r < height; ++r) {
    keep[r] = r % 5 == 0 ? 0 : static_cast<std::uint8_t>(1 + r % 255);
    expected_keep[r] = r % 3 == 1 ? std::uint8_t{0} : keep[r];
    if (r % 3 == 1) values[r / 3 % width][r] = missing;
    for (std::size_t c = 0; c < width; ++c) {
      cells[c][r] = r * 1'000 + c;
      if (expected_keep[r] != 0) expected[c].push_back(cells[c][r]);
    }
  }
  std::vector<const double*> looked_at;
  for (const auto& column : values) looked_at.push_back(column.data());
  std::vector<std::uint64_t*> moved;
  for (auto& column : cells) moved.push_back(column.data());

  const std::int64_t kept = std::ssize(expected[0]);
  EXPECT_EQ(drop_missing_rows(looked_at, keep, 8, backend()), kept);
  EXPECT_EQ(keep, expected_keep);
  EXPECT_EQ(compact_rows(moved, keep, 8, backend()), kept);

  for (std::size_t c = 0; c < width; ++c) {
    cells[c].resize(expected[c].size());
    EXPECT_TRUE(cells[c] == expected[c]) << "column " << c;
  }
}

}  // namespace
}  // namespace gradstep::test
