#include "kernels/dropna.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/support/every_backend.hpp"

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

TEST_P(Dropna, KeepsEveryThirdRowAtEverySize) {
  for (const std::size_t rows : {0U, 1U, 31U, 32U, 33U, 255U, 256U, 257U, 100'003U}) {
    std::vector<double> values(rows, missing);
    std::vector<std::uint64_t> cells(rows);
    std::vector<std::uint64_t> expected;
    for (std::size_t r = 0; r < rows; ++r) {
      cells[r] = r;
      if (r % 3 == 0) {
        values[r] = 1;
        expected.push_back(r);
      }
    }
    const double* const columns[] = {values.data()};
    std::uint64_t* const cell_columns[] = {cells.data()};
    std::vector<std::uint8_t> keep(rows, 1);

    EXPECT_EQ(drop_missing_rows(columns, keep, 8, backend()), std::ssize(expected));
    EXPECT_EQ(compact_rows(cell_columns, keep, 8, backend()), std::ssize(expected));

    cells.resize(expected.size());
    EXPECT_EQ(cells, expected) << rows;
  }
}

TEST_P(Dropna, LeavesAllRowsWithoutColumns) {
  std::vector<std::uint8_t> keep{1, 0, 1};

  EXPECT_EQ(drop_missing_rows({}, keep, 1, backend()), 2);
  EXPECT_EQ(compact_rows({}, keep, 1, backend()), 2);
}

}  // namespace
}  // namespace gradstep::test
