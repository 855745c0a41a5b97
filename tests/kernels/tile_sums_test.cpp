#include "kernels/tile_sums.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace gradstep::test {
namespace {

struct TileData {
  std::int64_t size, rows;
  std::vector<double> values, v, sign, weight;
  std::vector<const double*> columns;

  TileData(std::int64_t columns_of_a, std::int64_t rows_of_a)
      : size(columns_of_a), rows(rows_of_a) {
    std::mt19937_64 random(20261126);
    std::normal_distribution<double> normal;
    const auto draw = [&](std::vector<double>& numbers, std::int64_t count) {
      for (std::int64_t k = 0; k < count; ++k) numbers.push_back(normal(random));
    };
    draw(values, size * rows);
    draw(v, 24 * size);
    for (std::int64_t i = 0; i < rows; ++i) {
      sign.push_back(i % 3 == 0 ? 1 : -1);
      weight.push_back(static_cast<double>(i % 4) / 2);
    }
    for (std::int64_t c = 0; c < size; ++c) columns.push_back(values.data() + c * rows);
  }
};

std::vector<double> of(std::int64_t count) {
  return std::vector<double>(static_cast<std::size_t>(count));
}

// Everything that the functions compute, one after the other; of A'A the lower triangle.
std::vector<double> all_sums(const TileSums& sums, const TileData& in) {
  constexpr std::int64_t points = 6;
  const std::int64_t size = in.size;
  std::vector<double> z = of(points * in.rows), residual = of(points * in.rows), root = of(in.rows),
                      gradients = of(points * (size + 1)), scaled = of(size * in.rows),
                      gram = of(size * size), all;
  sums.products(in.columns.data(), size, in.rows, in.v.data(), points, z.data());
  for (std::int64_t p = 0; p < points; ++p)
    all.push_back(sums.loss_and_residual(in.rows, in.sign.data(), in.weight.data(),
                                         z.data() + p * in.rows, residual.data() + p * in.rows));
  sums.root_curvature(in.rows, in.sign.data(), in.weight.data(), z.data(), root.data());
  sums.scale_rows(in.columns.data(), size, in.rows, root.data(), scaled.data());
  sums.add_gradients(in.columns.data(), size, in.rows, residual.data(), points, gradients.data(),
                     size + 1);
  sums.add_gram(in.columns.data(), size, in.rows, gram.data());
  // Three groups of eight points: two together and one alone; rows that fill no register.
  const std::vector<const double*> signs(3, in.sign.data());
  std::vector<double> z_of_rows = of(16 * in.rows), sums_of_points = of(24 * size), losses = of(72),
                      losses_by_weight = losses, z_of_scores = of(8 * (in.rows + 8)),
                      scores = of(16);
  const std::int64_t rows = std::max<std::int64_t>(in.rows - 3, 0);
  sums.add_point_sums({in.columns.data(), size, rows, nullptr}, signs.data(), in.v.data(), 3,
                      z_of_rows.data(), sums_of_points.data(), losses.data());
  sums.add_point_sums({in.columns.data(), size, rows, in.weight.data()}, signs.data(), in.v.data(),
                      3, z_of_rows.data(), sums_of_points.data(), losses_by_weight.data());
  sums.point_scores({in.columns.data(), size, rows, nullptr}, in.sign.data(), in.v.data(),
                    z_of_scores.data(), scores.data());
  z_of_scores.resize(static_cast<std::size_t>(8 * rows));  // what lies behind them has no say
  for (const auto* values : {&z, &residual, &root, &gradients, &scaled, &sums_of_points, &losses,
                             &losses_by_weight, &z_of_scores, &scores})
    all.insert(all.end(), values->begin(), values->end());
  for (std::int64_t c = 0; c < size; ++c)
    all.insert(all.end(), gram.begin() + c * size + c, gram.begin() + (c + 1) * size);
  return all;
}

// Those for AVX-512 where this CPU has it; else it says no more than that they are the baseline's.
TEST(TileSums, OfThisCpuHaveTheBitsOfTheBaseline) {
  for (std::int64_t size = 1; size <= 33; ++size)
    for (const std::int64_t rows : {0, 8, 256}) {
      const TileData data(size, rows);
      EXPECT_EQ(all_sums(tile_sums(), data), all_sums(baseline_tile_sums(), data))
          << size << " columns, " << rows << " rows";
    }
}

}  // namespace
}  // namespace gradstep::test
