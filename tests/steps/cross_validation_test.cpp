#include "steps/cross_validation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

namespace gradstep {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

RateScores rate(double reg_rate, std::vector<double> scores) {
  RateScores result;
  result.reg_rate = reg_rate;
  result.auc = fold_scores(std::move(scores));
  return result;
}

// Distances from 2.5: -1.5, -0.5, 0.5, 1.5, whose squares add up to 5.
TEST(FoldScores, HaveNumpysDeviationAndTheErrorOfTheirMean) {
  const FoldScores scores = fold_scores({1, 2, 3, 4});

  EXPECT_EQ(scores.mean, 2.5);
  EXPECT_EQ(scores.deviation, std::sqrt(5.0 / 4));
  EXPECT_DOUBLE_EQ(scores.standard_error, std::sqrt(5.0 / 3) / std::sqrt(4.0));
  EXPECT_EQ(scores.of_fold, (std::vector<double>{1, 2, 3, 4}));
}

TEST(FoldScores, AreNotDefinedWhereOneIsNot) {
  const FoldScores scores = fold_scores({1, nan, 3});

  EXPECT_TRUE(std::isnan(scores.mean));
  EXPECT_TRUE(std::isnan(scores.deviation));
  EXPECT_TRUE(std::isnan(scores.standard_error));
}

TEST(Ranks, ShareTheBetterPlaceAndPutNanLast) {
  const std::vector<double> values{0.5, 0.7, nan, 0.7, 0.6, nan};

  EXPECT_EQ(ranks(values), (std::vector<std::int64_t>{4, 1, 5, 1, 3, 5}));
}

TEST(ChooseRate, TakesTheFirstOfTheBest) {
  const std::vector<RateScores> rates{rate(1, {0.6, 0.8}), rate(0.1, {0.7, 0.9}),
                                      rate(10, {0.9, 0.7}), rate(5, {nan, 1})};

  const RateChoice choice = choose_rate(rates, Criterion::auc, false);

  EXPECT_EQ(choice.best, 1U);
  EXPECT_EQ(choice.chosen, 1U);
}

// The best mean is 0.8, its standard error 0.1: 0.7 is good enough, and of the two that have it 10
// is the greater rate.
TEST(ChooseRate, GoesOneStandardErrorTowardsGreaterRates) {
  const std::vector<RateScores> rates{rate(0.01, {0.75, 0.75}), rate(10, {0.71, 0.71}),
                                      rate(0.1, {0.7, 0.9}), rate(1, {0.79, 0.79}),
                                      rate(100, {0.69, 0.69})};

  const RateChoice choice = choose_rate(rates, Criterion::auc, true);

  EXPECT_EQ(choice.best, 2U);
  EXPECT_EQ(choice.chosen, 1U);
}

TEST(ChooseRate, WantsALowLogLoss) {
  std::vector<RateScores> rates{rate(1, {0, 1}), rate(2, {0, 1}), rate(3, {0, 1})};
  rates[0].log_loss = fold_scores({0.6, 0.6});
  rates[1].log_loss = fold_scores({0.3, 0.5});
  rates[2].log_loss = fold_scores({0.45, 0.45});

  EXPECT_EQ(choose_rate(rates, Criterion::log_loss, false).chosen, 1U);
  EXPECT_EQ(choose_rate(rates, Criterion::log_loss, true).chosen, 2U);
}

}  // namespace
}  // namespace gradstep
