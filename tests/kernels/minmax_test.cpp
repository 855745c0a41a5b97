#include "kernels/minmax.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/core/error.hpp"
#include "tests/support/every_backend.hpp"
#include "tests/support/every_size.hpp"

namespace gradstep::test {
namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

ColumnScale minmax_of(const std::vector<double>& values, const std::vector<std::uint8_t>& keep,
                      Backend backend) {
  const double* const columns[] = {values.data()};
  std::vector<ColumnScale> scales(1);
  column_minmax(columns, keep, scales, 2, backend);
  return scales[0];
}

class ColumnMinmax : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(on, ColumnMinmax, testing::Values(Backend::cpu, Backend::cuda),
                         backend_name);

TEST_P(ColumnMinmax, FindsTheRangeOfTheKeptNumbers) {
  const ColumnScale scale =
      minmax_of({9, missing, 2, 6, -50}, std::vector<std::uint8_t>{1, 1, 1, 1, 0}, backend());

  EXPECT_EQ(scale.minimum, 2);
  EXPECT_EQ(scale.maximum, 9);
  EXPECT_EQ(scale.scale, 1.0 / 7);
  EXPECT_EQ(scale.offset, 0 - 2 * (1.0 / 7));
}

TEST_P(ColumnMinmax, FindsTheExtremesWhereverTheyStand) {
  for (const std::size_t rows : {1U, 31U, 32U, 33U, 255U, 256U, 257U, 100'003U}) {
    for (const std::size_t at : {std::size_t{0}, rows / 2, rows - 1}) {
      std::vector<double> values(rows, 1.0);
      values[at] = 7.0;
      values[rows - 1 - at] = rows == 1 ? 7.0 : -3.0;
      if (at == rows - 1 - at) continue;

      const ColumnScale scale = minmax_of(values, std::vector<std::uint8_t>(rows, 1), backend());

      EXPECT_EQ(scale.minimum, -3) << rows << ' ' << at;
      EXPECT_EQ(scale.maximum, 7) << rows << ' ' << at;
    }
  }
}

TEST_P(ColumnMinmax, ReportsInfinitiesAsExtremes) {
  const std::vector<std::uint8_t> both{1, 1};

  EXPECT_EQ(minmax_of({1, infinity}, both, backend()).maximum, infinity);
  EXPECT_EQ(minmax_of({1, -infinity}, both, backend()).minimum, -infinity);
  EXPECT_EQ(minmax_of({infinity, infinity}, both, backend()).minimum, infinity);
}

TEST_P(ColumnMinmax, FindsNothingWhereThereIsNoNumber) {
  EXPECT_TRUE(std::isnan(minmax_of({missing}, {1}, backend()).maximum));
  EXPECT_TRUE(std::isnan(minmax_of({4}, {0}, backend()).minimum));
  EXPECT_TRUE(std::isnan(minmax_of({}, {}, backend()).scale));
}

TEST_P(ColumnMinmax, RefusesTheWrongNumberOfScales) {
  std::vector<ColumnScale> one(1);
  EXPECT_THROW(column_minmax({}, {}, one, 1, backend()), InvalidArgument);
  EXPECT_THROW(scale_columns({}, 0, one, 1, backend()), InvalidArgument);
}

class MinmaxEverySize : public EverySize {};
INSTANTIATE_TEST_SUITE_P(on, MinmaxEverySize, testing::ValuesIn(every_size(1'000'000)), size_name);

// Every seventh value is missing, but for the first column's; every fifth row does not count, and
// holds the largest values.
TEST_P(MinmaxEverySize, FindsTheRangesAndScalesByThem) {
  const auto height = static_cast<std::size_t>(rows());
  const auto width = static_cast<std::size_t>(columns());
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(-2, 5);
  std::vector<std::vector<double>> values(width, std::vector<double>(height));
  std::vector<std::uint8_t> keep(height);
  for (std::size_t r = 0; r < height; ++r) {
    keep[r] = r % 5 == 3 ? 0 : 1;
    for (std::size_t c = 0; c < width; ++c) {
      values[c][r] = keep[r] == 0 ? 100.0 : uniform(random);
      if (c > 0 && (r + c) % 7 == 0) values[c][r] = missing;
    }
  }
  std::vector<double*> columns;
  for (auto& column : values) columns.push_back(column.data());
  std::vector<ColumnScale> scales(width);

  column_minmax(std::vector<const double*>(columns.begin(), columns.end()), keep, scales, 8,
                backend());

  std::vector<std::vector<double>> expected = values;
  for (std::size_t c = 0; c < width; ++c) {
    double lo = infinity, hi = -infinity;
    for (std::size_t r = 0; r < height; ++r)
      if (keep[r] != 0) lo = std::fmin(lo, values[c][r]), hi = std::fmax(hi, values[c][r]);
    if (lo > hi) {
      EXPECT_TRUE(std::isnan(scales[c].minimum)) << "column " << c;
      scales[c] = {0, 1, 1, 0};
    } else {
      EXPECT_EQ(scales[c].minimum, lo) << "column " << c;
      EXPECT_EQ(scales[c].maximum, hi) << "column " << c;
    }
    for (double& value : expected[c]) {
      const volatile double product = value * scales[c].scale;  // rounded before the sum
      value = product + scales[c].offset;
    }
  }
  scale_columns(columns, rows(), scales, 8, backend());
  for (std::size_t c = 0; c < width; ++c)
    for (std::size_t r = 0; r < height; ++r)
      ASSERT_EQ(std::bit_cast<std::uint64_t>(values[c][r]),
                std::bit_cast<std::uint64_t>(expected[c][r]))
          << "row " << r << ", column " << c;
}

// The numbers of scikit-learn 1.9.1's MinMaxScaler on the lab's BMI column (data_min_, data_max_,
// scale_, min_): its largest value does not become 1.
TEST(ScaleOfRange, IsScikitLearns) {
  const ColumnScale bmi = scale_of_range(18.20080735, 56.03462763);

  EXPECT_EQ(bmi.scale, 0.026431377867717674);
  EXPECT_EQ(bmi.offset, -0.48107241656538324);
  EXPECT_EQ(scaled(bmi.maximum, bmi), 1.0000000000000002);
  EXPECT_EQ(scaled(bmi.minimum, bmi), 0.0);
}

TEST(ScaleOfRange, TakesATinyRangeForAConstant) {
  const double below = std::nextafter(10 * std::ldexp(1.0, -52), 0);

  EXPECT_EQ(scale_of_range(5, 5).scale, 1);
  EXPECT_EQ(scale_of_range(5, 5).offset, -5);
  EXPECT_EQ(scale_of_range(0, below).scale, 1);
  EXPECT_EQ(scale_of_range(0, 10 * std::ldexp(1.0, -52)).scale, std::ldexp(1.0, 52) / 10);
}

TEST(ScaleOfRange, GivesScaleZeroToARangeThatOverflows) {
  const double largest = std::numeric_limits<double>::max();
  EXPECT_EQ(scale_of_range(-largest, largest).scale, 0);
}

TEST(ScaleOfRange, ReportsMinusZeroAsZero) {
  EXPECT_FALSE(std::signbit(scale_of_range(-0.0, -0.0).minimum));
  EXPECT_FALSE(std::signbit(scale_of_range(-1, -0.0).maximum));
}

}  // namespace
}  // namespace gradstep::test
