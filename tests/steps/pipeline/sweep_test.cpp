#include "steps/pipeline/run/sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

#include "kernels/core/error.hpp"

namespace gradstep::pipeline {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;

SearchParameter choice(const std::string& input, std::vector<std::string> values) {
  return {.input = input, .distribution = "choice", .values = std::move(values), .numbers = {}};
}

SearchParameter numeric(const std::string& distribution, std::vector<double> numbers) {
  return {.input = "x", .distribution = distribution, .values = {}, .numbers = std::move(numbers)};
}

Sweep sweep_over(std::vector<SearchParameter> space, Sweep::Sampling sampling, int most) {
  Sweep sweep;
  sweep.sampling = sampling;
  sweep.space = std::move(space);
  sweep.max_total_trials = most;
  return sweep;
}

Sweep grid(std::vector<SearchParameter> space, int most) {
  return sweep_over(std::move(space), Sweep::Sampling::grid, most);
}

Sweep random(std::vector<SearchParameter> space, int most) {
  return sweep_over(std::move(space), Sweep::Sampling::random, most);
}

/// The values of one parameter alone, as text.
std::vector<std::string> drawn(const SearchParameter& parameter, int count, std::uint64_t seed) {
  std::vector<std::string> texts;
  for (const TrialValues& trial : draw_trials(random({parameter}, count), seed)) {
    texts.push_back(trial.at(0).second);
  }
  return texts;
}

std::vector<double> numbers(const std::vector<std::string>& texts) {
  std::vector<double> values;
  for (const std::string& text : texts) values.push_back(std::stod(text));
  return values;
}

// -- grids

TEST(SweepGrid, TakesEveryCombinationTheLastParameterFastest) {
  const auto trials = draw_trials(
      grid({choice("reg_rate", {"0.01", "0.1"}), choice("solver", {"lbfgs", "liblinear"})}, 9), 1);

  EXPECT_THAT(trials, ElementsAre(TrialValues{{"reg_rate", "0.01"}, {"solver", "lbfgs"}},
                                  TrialValues{{"reg_rate", "0.01"}, {"solver", "liblinear"}},
                                  TrialValues{{"reg_rate", "0.1"}, {"solver", "lbfgs"}},
                                  TrialValues{{"reg_rate", "0.1"}, {"solver", "liblinear"}}));
}

TEST(SweepGrid, StopsAtTheMostTrials) {
  const auto trials =
      draw_trials(grid({choice("a", {"1", "2"}), choice("b", {"3", "4", "5"})}, 4), 1);

  EXPECT_THAT(
      trials,
      ElementsAre(TrialValues{{"a", "1"}, {"b", "3"}}, TrialValues{{"a", "1"}, {"b", "4"}},
                  TrialValues{{"a", "1"}, {"b", "5"}}, TrialValues{{"a", "2"}, {"b", "3"}}));
}

TEST(SweepGrid, NeverBuildsMoreThanItReturns) {
  const std::vector<std::string> hundred(100, "v");
  const std::vector<SearchParameter> space(12, choice("a", hundred));  // 10^24 combinations

  EXPECT_THAT(draw_trials(grid(space, 3), 1), SizeIs(3));
}

TEST(SweepGrid, IsMadeOfChoicesOnly) {
  EXPECT_THROW((void)draw_trials(grid({numeric("quniform", {0, 1, 1})}, 3), 1), InvalidArgument);
  EXPECT_THROW((void)draw_trials(grid({choice("a", {})}, 3), 1), InvalidArgument);
  EXPECT_THROW((void)draw_trials(grid({}, 3), 1), InvalidArgument);
}

// -- random sampling
//
// The expected texts are Python's: the generator of the C++ standard (mt19937_64, whose 10000th
// number from seed 5489 the standard gives), the formulas of the distributions, exp() of decimal
// with 60 digits, repr().

TEST(SweepRandom, DrawsTheSameValuesOnEveryMachine) {
  EXPECT_THAT(drawn(numeric("uniform", {0.05, 0.1}), 6, 42),
              ElementsAre("0.08775777664772695", "0.08195156969273487", "0.08760726003740134",
                          "0.05681363418162186", "0.09516344832141892", "0.05470341558814185"));
  EXPECT_THAT(drawn(numeric("loguniform", {-6, -1}), 6, 42),
              ElementsAre("0.10815149154541108", "0.060516269621955256", "0.10653582171454239",
                          "0.0048994291441912035", "0.22680715321933695", "0.003967343938988699"));
  EXPECT_THAT(drawn(numeric("normal", {10, 3}), 6, 42),
              ElementsAre("13.637931900286167", "11.50242588976393", "10.611983343644876",
                          "8.09132328040302", "12.629209805330166", "12.364812513115378"));
  EXPECT_THAT(drawn(numeric("lognormal", {0, 1}), 6, 42),
              ElementsAre("3.362362886212799", "1.6500550152317086", "1.2262913449226012",
                          "0.5292864114127649", "2.402243922959346", "2.199589688417277"));
}

TEST(SweepRandom, QuantisesToMultiplesAndDrawsIntegers) {
  EXPECT_THAT(drawn(numeric("quniform", {0, 10, 2}), 6, 42),
              ElementsAre("8.0", "6.0", "8.0", "2.0", "10.0", "0.0"));
  EXPECT_THAT(drawn(numeric("randint", {7}), 6, 42), ElementsAre("5", "4", "5", "0", "6", "0"));
  EXPECT_THAT(drawn(choice("x", {"a", "b", "c"}), 6, 42),
              ElementsAre("c", "b", "c", "a", "c", "a"));
}

TEST(SweepRandom, DrawsAllParametersOfATrialFromOneStream) {
  const auto trials =
      draw_trials(random({numeric("uniform", {0.05, 0.1}), numeric("randint", {7})}, 2), 42);

  // By hand from the two lists above: draws 1 and 3 are the first parameter's, 2 and 4 the
  // second's.
  EXPECT_THAT(trials, ElementsAre(TrialValues{{"x", "0.08775777664772695"}, {"x", "4"}},
                                  TrialValues{{"x", "0.08760726003740134"}, {"x", "0"}}));
}

TEST(SweepRandom, TakesTheSweepsOwnSeedFirst) {
  Sweep seeded = random({numeric("uniform", {0, 1})}, 5);
  const auto other = draw_trials(seeded, 7);
  seeded.seed = 42;

  EXPECT_EQ(draw_trials(seeded, 7), draw_trials(seeded, 8));
  EXPECT_NE(draw_trials(seeded, 7), other);
}

TEST(SweepRandom, MayRepeatAChoice) {
  EXPECT_THAT(drawn(choice("x", {"a", "b"}), 50, 1), SizeIs(50));
}

TEST(SweepRandom, DrawsEveryChoiceAboutAsOften) {
  constexpr int n = 30000;
  const std::vector<std::string> texts = drawn(choice("x", {"a", "b", "c"}), n, 3);

  // Five standard deviations of a binomial count, sqrt(n p (1 - p)).
  const double tolerance = 5 * std::sqrt(n / 3.0 * 2 / 3);
  for (const char* const value : {"a", "b", "c"}) {
    EXPECT_NEAR(static_cast<double>(std::count(texts.begin(), texts.end(), value)), n / 3.0,
                tolerance);
  }
}

TEST(SweepRandom, DrawsEveryIntegerBelowTheBound) {
  const std::vector<std::string> texts = drawn(numeric("randint", {4}), 1000, 5);

  EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()),
            (std::set<std::string>{"0", "1", "2", "3"}));
}

struct Moments {
  double mean;
  double variance;
};

Moments moments_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, squares / static_cast<double>(values.size())};
}

// Five standard errors: of a mean sigma / sqrt(n), of a variance sqrt((m4 - sigma^4) / n), where
// the fourth moment m4 is 3 sigma^4 of a normal and 9/5 sigma^4 of a uniform distribution.
constexpr int draws = 40000;

TEST(SweepRandom, HasTheMomentsOfAUniformDistribution) {
  const std::vector<double> values = numbers(drawn(numeric("uniform", {-2, 4}), draws, 11));

  const Moments moments = moments_of(values);
  const double variance = 6.0 * 6 / 12;
  EXPECT_NEAR(moments.mean, 1, 5 * std::sqrt(variance / draws));
  EXPECT_NEAR(moments.variance, variance, 5 * variance * std::sqrt(0.8 / draws));
  EXPECT_THAT(values, Each(testing::AllOf(testing::Ge(-2), testing::Le(4))));
}

TEST(SweepRandom, HasTheMomentsOfANormalDistribution) {
  std::vector<double> values = numbers(drawn(numeric("normal", {10, 3}), draws, 12));

  const Moments moments = moments_of(values);
  EXPECT_NEAR(moments.mean, 10, 5 * 3 / std::sqrt(draws));
  EXPECT_NEAR(moments.variance, 9, 5 * 9 * std::sqrt(2.0 / draws));
  // 68.27 % lie within one standard deviation, 95.45 % within two.
  for (const auto& [width, share] : {std::pair{3, 0.6826894921370859}, {6, 0.9544997361036416}}) {
    const auto within = std::count_if(values.begin(), values.end(), [width = width](double value) {
      return std::abs(value - 10) < width;
    });
    EXPECT_NEAR(static_cast<double>(within), share * draws,
                5 * std::sqrt(share * (1 - share) * draws));
  }
}

TEST(SweepRandom, TakesTheBoundsOfALoguniformAsExponents) {
  const std::vector<double> values = numbers(drawn(numeric("loguniform", {-6, -1}), draws, 13));

  std::vector<double> logarithms;
  for (const double value : values) logarithms.push_back(std::log(value));
  EXPECT_THAT(values, Each(testing::AllOf(testing::Ge(0.002478752176), testing::Le(0.367879442))));
  EXPECT_NEAR(moments_of(logarithms).mean, -3.5, 5 * std::sqrt(25.0 / 12 / draws));
}

TEST(SweepRandom, TakesTheMomentsOfALognormalAsThoseOfItsLogarithm) {
  std::vector<double> logarithms;
  for (const double value : numbers(drawn(numeric("lognormal", {1, 0.5}), draws, 14))) {
    logarithms.push_back(std::log(value));
  }

  const Moments moments = moments_of(logarithms);
  EXPECT_NEAR(moments.mean, 1, 5 * 0.5 / std::sqrt(draws));
  EXPECT_NEAR(moments.variance, 0.25, 5 * 0.25 * std::sqrt(2.0 / draws));
}

class QuantisedSweep : public testing::TestWithParam<SearchParameter> {};
INSTANTIATE_TEST_SUITE_P(of, QuantisedSweep,
                         testing::Values(numeric("quniform", {1, 100, 7}),
                                         numeric("qloguniform", {0, 6, 7}),
                                         numeric("qnormal", {0, 50, 7}),
                                         numeric("qlognormal", {2, 1, 7})),
                         [](const auto& each) { return each.param.distribution; });

TEST_P(QuantisedSweep, DrawsMultiplesOfQ) {
  const std::vector<std::string> texts = drawn(GetParam(), 500, 15);

  EXPECT_THAT(texts, Each(testing::EndsWith(".0")));
  EXPECT_THAT(texts, Each(testing::Ne("-0.0")));
  std::set<double> different;
  for (const double value : numbers(texts)) {
    EXPECT_EQ(std::fmod(value, 7), 0);
    different.insert(value);
  }
  EXPECT_GE(different.size(), 5U);
}

TEST_P(QuantisedSweep, RoundsWhatTheDistributionWithoutQDraws) {
  const SearchParameter& quantised = GetParam();
  const SearchParameter plain =
      numeric(quantised.distribution.substr(1), {quantised.numbers[0], quantised.numbers[1]});

  const std::vector<double> rounded = numbers(drawn(quantised, 500, 16));
  const std::vector<double> exact = numbers(drawn(plain, 500, 16));

  for (std::size_t i = 0; i < exact.size(); ++i) EXPECT_LE(std::abs(rounded[i] - exact[i]), 3.5);
}

TEST(SweepRandom, RefusesWhatIsNoDistribution) {
  for (const SearchParameter& parameter :
       {numeric("gamma", {1, 2}), numeric("quniform", {0, 1}), numeric("quniform", {0, 1, 0}),
        numeric("uniform", {1}), numeric("logrunif", {0, 1}), numeric("randint", {0}),
        numeric("randint", {}), numeric("", {0, 1}), choice("x", {})}) {
    EXPECT_THROW((void)draw_trials(random({parameter}, 1), 1), InvalidArgument)
        << parameter.distribution;
  }
}

}  // namespace
}  // namespace gradstep::pipeline
