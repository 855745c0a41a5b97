#include "kernels/lanes_math.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

namespace gradstep::test {
namespace {

template <class Function>
double in_every_lane(const Function& function, double x) {
  std::array<double, Lanes::count> values{};
  function(Lanes::of(x)).store(values.data());
  for (const double value : values) EXPECT_TRUE(value == values[0] || std::isnan(value)) << x;
  return values[0];
}

double exp_of(double x) {
  return in_every_lane([](const Lanes& lanes) { return exp_of_negative(lanes); }, x);
}

double log1p_of(double x) {
  return in_every_lane([](const Lanes& lanes) { return log1p_up_to_one(lanes); }, x);
}

double log_of(double x) {
  return in_every_lane([](const Lanes& lanes) { return log_of_normal(lanes); }, x);
}

// How many of the doubles next to the exact value it is away.
double error_in_ulp(double value, long double exact) {
  const auto nearest = static_cast<double>(exact);
  const double ulp = std::nextafter(nearest, std::numeric_limits<double>::infinity()) - nearest;
  return static_cast<double>(std::abs(value - exact) / ulp);
}

TEST(LanesMath, HasKnownValues) {
  EXPECT_EQ(exp_of(0), 1);
  EXPECT_EQ(exp_of(-0.0), 1);
  EXPECT_EQ(exp_of(-std::numeric_limits<double>::infinity()), 0);
  EXPECT_EQ(exp_of(-1e300), 0);
  EXPECT_EQ(exp_of(-709), 0);
  EXPECT_TRUE(std::isnan(exp_of(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(log1p_of(0), 0);
  EXPECT_EQ(log1p_of(1), std::log(2.0));
  EXPECT_EQ(log1p_of(1e-20), 1e-20);
  EXPECT_LE(error_in_ulp(log1p_of(0x1.aa20e7d2b7235p-2), std::log1p(0x1.aa20e7d2b7235p-2L)), 2);
  EXPECT_TRUE(std::isnan(log1p_of(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_EQ(log_of(1), 0);
  EXPECT_EQ(log_of(0.5), -std::log(2.0));
  EXPECT_EQ(log_of(0x1p-52), -52 * std::log(2.0));
  EXPECT_EQ(log_of(1024), 10 * std::log(2.0));
  EXPECT_TRUE(std::isnan(log_of(std::numeric_limits<double>::quiet_NaN())));
}

TEST(LanesMath, ExpIsWithinOneUlp) {
  std::mt19937_64 random(1);
  const double bound = rounds_fma_once ? 1 : 2;
  for (const double smallest : {-1e-10, -0.4, -3.0, -50.0, -708.0}) {
    std::uniform_real_distribution<double> uniform(smallest, 0);
    for (int k = 0; k < 200'000; ++k) {
      const double x = uniform(random);
      ASSERT_LE(error_in_ulp(exp_of(x), std::exp(static_cast<long double>(x))), bound) << x;
    }
  }
}

TEST(LanesMath, Log1pIsWithinTwoUlp) {
  std::mt19937_64 random(2);
  for (const double largest : {1e-300, 1e-10, 0.1, 0.5, 1.0}) {
    std::uniform_real_distribution<double> uniform(0, largest);
    for (int k = 0; k < 200'000; ++k) {
      const double x = uniform(random);
      ASSERT_LE(error_in_ulp(log1p_of(x), std::log1p(static_cast<long double>(x))), 2) << x;
    }
  }
}

TEST(LanesMath, LogIsWithinItsBound) {
  std::mt19937_64 random(3);
  for (const int smallest : {-1, -52, -1000}) {
    std::uniform_int_distribution<int> power(smallest, 0);
    std::uniform_real_distribution<double> uniform(0.5, 1);
    for (int k = 0; k < 200'000; ++k) {
      const double x = std::ldexp(uniform(random), power(random));
      const long double exact = std::log(static_cast<long double>(x));
      ASSERT_LE(std::abs(log_of(x) - exact), 4e-16L * std::max(1.0L, std::abs(exact))) << x;
    }
  }
}

TEST(Lanes, KeepTheSignOfZero) {
  std::array<double, Lanes::count> values{};

  Lanes::of(-0.0).store(values.data());

  for (const double value : values) EXPECT_TRUE(std::signbit(value));
}

TEST(Lanes, AddsUpInAFixedOrder) {
  const std::array<double, Lanes::count> values{1e16, 1, -1e16, 2, 1, 4, 0, 8};

  const double sum = Lanes::load(values.data()).sum();

  EXPECT_EQ(sum, (((1e16 + 1) + (-1e16 + 0)) + ((1.0 + 4) + (2.0 + 8))));
}

TEST(Lanes, RoundsAProductAndASumOnce) {
  if (!rounds_fma_once) GTEST_SKIP() << "a baseline without FMA";
  const double x = 1 + 0x1p-30;
  std::array<double, Lanes::count> values{};

  fma(Lanes::of(x), Lanes::of(x), Lanes::of(-1)).store(values.data());

  EXPECT_EQ(values[0], 0x1p-29 + 0x1p-60);
}

}  // namespace
}  // namespace gradstep::test
