#include "kernels/auc.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/core/error.hpp"

namespace gradstep::test {
namespace {

double area(const std::vector<std::int32_t>& positive, const std::vector<double>& score) {
  return area_under_roc(positive, score);
}

TEST(AreaUnderRoc, CountsPairsInTheRightOrderAndTiesHalf) {
  EXPECT_EQ(area({0, 0, 1, 1}, {1, 2, 3, 4}), 1);
  EXPECT_EQ(area({1, 1, 0, 0}, {1, 2, 3, 4}), 0);
  EXPECT_EQ(area({0, 0, 1, 1}, {0.1, 0.4, 0.35, 0.8}), 0.75);  // roc_auc_score's own example
  EXPECT_EQ(area({0, 1, 1, 0}, {5, 5, 5, 5}), 0.5);
  EXPECT_EQ(area({0, 1, 1}, {1, 1, 2}), 0.75);
}

TEST(AreaUnderRoc, IsNotANumberWhereAClassIsAbsent) {
  EXPECT_TRUE(std::isnan(area({}, {})));
  EXPECT_TRUE(std::isnan(area({1, 1}, {1, 2})));
  EXPECT_TRUE(std::isnan(area({0}, {1})));
}

TEST(AreaUnderRoc, TakesScoresOfAnySize) {
  const double largest = std::numeric_limits<double>::max();
  const double least = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(area({0, 1, 0, 1}, {-largest, largest, 1, 2}), 1);
  EXPECT_EQ(area({0, 1, 1}, {0, least, -least}), 0.5);
  EXPECT_EQ(area({1, 0}, {0.0, -0.0}), 0.5);
}

TEST(AreaUnderRoc, TakesInfiniteScores) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(area({0, 1, 0, 1}, {-infinity, infinity, 1, 2}), 1);
  EXPECT_EQ(area({0, 1}, {infinity, -infinity}), 0);
  EXPECT_EQ(area({0, 1, 0, 1}, {infinity, infinity, -infinity, -infinity}), 0.5);

  // Many rows, so that they are put into buckets: the positives but for one are above all others.
  std::vector<std::int32_t> positive(1000);
  std::vector<double> score(1000);
  for (std::size_t i = 0; i < score.size(); ++i) {
    positive[i] = static_cast<std::int32_t>(i % 2);
    score[i] = positive[i] == 1 ? infinity : static_cast<double>(i);
  }
  score[1] = -infinity;
  EXPECT_EQ(area(positive, score), 499.0 / 500);
  score[0] = -infinity;
  EXPECT_EQ(area(positive, score), (499.0 * 500 + 0.5) / (500.0 * 500));
}

// Where a NaN stands in the order, no one can say.
TEST(AreaUnderRoc, IsNotANumberWhereAScoreIsNone) {
  std::vector<std::int32_t> positive(1000);
  std::vector<double> score(1000);
  for (std::size_t i = 0; i < score.size(); ++i) {
    positive[i] = static_cast<std::int32_t>(i % 2);
    score[i] = static_cast<double>(i);
  }
  for (const std::size_t row : {std::size_t{0}, std::size_t{500}, std::size_t{999}}) {
    std::vector<double> spoilt = score;
    spoilt[row] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(std::isnan(area(positive, spoilt))) << row;
  }
}

// The definition, pair by pair. Scores spread, on a grid so that they tie, and crowded but for one.
TEST(AreaUnderRoc, IsTheShareOfPairs) {
  constexpr std::size_t n = 3000;
  std::mt19937_64 random(20261126);
  std::normal_distribution<double> normal;
  for (const double grid : {0.0, 0.25, 1.0}) {
    std::vector<std::int32_t> positive(n);
    std::vector<double> score(n);
    for (std::size_t i = 0; i < n; ++i) {
      positive[i] = static_cast<std::int32_t>(random() % 3 == 0);
      score[i] = normal(random) + positive[i];
      if (grid > 0) score[i] = grid * std::round(score[i] / grid);
    }
    if (grid == 1) score[7] = 1e12;
    double twice = 0;
    double pairs = 0;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        if (positive[i] == 0 || positive[j] == 1) continue;
        twice += score[i] > score[j] ? 2 : score[i] == score[j] ? 1 : 0;
        ++pairs;
      }

    EXPECT_EQ(area(positive, score), twice / (2 * pairs)) << grid;
  }
}

TEST(AreaUnderRoc, RefusesLengthsThatDiffer) {
  EXPECT_THROW((void)area({1}, {1, 2}), InvalidArgument);
}

}  // namespace
}  // namespace gradstep::test
