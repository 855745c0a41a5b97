#include "kernels/row_blocks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace gradstep::test {
namespace {

using testing::ElementsAre;

TEST(RowBlock, CopiesATileColumnByColumnAndFillsUpWithZeros) {
  const std::vector<double> a{1, 2, 3, 4};
  const std::vector<double> b{5, 6, 7, 8};
  const double* const columns[] = {a.data(), b.data()};
  std::vector<double> tile(6, -1);

  RowBlock{0, 4, columns, {}}.copy_tile(1, 2, 3, tile.data());

  EXPECT_THAT(tile, ElementsAre(2, 3, 0, 6, 7, 0));
}

TEST(RowBlock, WidensFloat32) {
  const std::vector<float> a{0.5F, 0.1F};
  const float* const columns[] = {a.data()};
  std::vector<double> tile(2);

  RowBlock{0, 2, {}, columns}.copy_tile(0, 2, 2, tile.data());

  EXPECT_THAT(tile, ElementsAre(0.5, static_cast<double>(0.1F)));
}

TEST(ColumnsInMemory, VisitsEveryRowOnceInBlocksOfFixedSize) {
  constexpr std::int64_t full = RowBlocks::rows_per_block;
  for (const std::int64_t rows : {std::int64_t{0}, std::int64_t{1}, full, full + 1, 3 * full - 5}) {
    std::vector<float> values(static_cast<std::size_t>(rows));
    for (std::size_t r = 0; r < values.size(); ++r) values[r] = static_cast<float>(r);
    const ColumnsInMemory<float> source({values.data()}, rows);
    for (const int workers : {1, 2, 8}) {
      std::vector<int> seen(values.size(), 0);
      std::vector<std::int64_t> committed;

      source.for_each(
          workers,
          [&](const RowBlock& block, int) {
            EXPECT_EQ(block.first_row % full, 0);
            EXPECT_EQ(block.rows, std::min(full, rows - block.first_row));
            for (std::int64_t i = 0; i < block.rows; ++i)
              ++seen[static_cast<std::size_t>(block.float32[0][i])];
          },
          [&](std::int64_t index, int) { committed.push_back(index); });

      EXPECT_THAT(seen, testing::Each(1));
      EXPECT_EQ(std::ssize(committed), (rows + full - 1) / full);
      EXPECT_TRUE(std::is_sorted(committed.begin(), committed.end()));
    }
  }
}

}  // namespace
}  // namespace gradstep::test
