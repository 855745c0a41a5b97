#include "steps/csv/number_text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/cpu.hpp"
#include "steps/csv/number_print.hpp"
#include "steps/csv/print_common.hpp"

namespace gradstep::csv {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Way {
  std::string name;
  PrintCommon print_common;
};

// On every CPU: where it lacks AVX-512, both ways are the baseline's.
class PrintNumbers : public testing::TestWithParam<Way> {
 protected:
  static std::vector<std::string> printed(const std::vector<double>& numbers) {
    std::vector<NumberText> texts(numbers.size());
    print_numbers(numbers, texts, GetParam().print_common);
    std::vector<std::string> all;
    all.reserve(texts.size());
    for (const NumberText& text : texts) all.emplace_back(text.view());
    return all;
  }

  static void expect_as_print(const std::vector<double>& numbers) {
    const std::vector<std::string> found = printed(numbers);
    std::int64_t different = 0;
    std::string first;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      std::array<char, longest_number> text{};
      const std::string expected(text.data(), print(text.data(), numbers[i]));
      if (found[i] == expected) continue;
      if (different++ == 0) first.append(expected).append(" is printed as ").append(found[i]);
    }
    EXPECT_EQ(different, 0) << first;
  }
};

INSTANTIATE_TEST_SUITE_P(by, PrintNumbers,
                         testing::Values(Way{"baseline", baseline_print_common()},
                                         Way{"avx512", has_x86_64_v4() ? avx512_print_common()
                                                                       : baseline_print_common()}),
                         [](const auto& way) { return way.param.name; });

std::vector<double> drawn(std::size_t count, const std::function<double()>& draw) {
  std::vector<double> numbers(count);
  std::ranges::generate(numbers, draw);
  return numbers;
}

TEST_P(PrintNumbers, WritesPythonsRepr) {
  EXPECT_EQ(printed({0.1, 0.5, 1.0 / 3, -123.456, 5.0, -0.0, 0.0001, 0.00123, nan, 1e-5, infinity,
                     123456789.5, 0.30000000000000004, 1e22}),
            (std::vector<std::string>{"0.1", "0.5", "0.3333333333333333", "-123.456", "5.0", "-0.0",
                                      "0.0001", "0.00123", "", "1e-05", "inf", "123456789.5",
                                      "0.30000000000000004", "1e+22"}));
}

TEST_P(PrintNumbers, TakesSpansOfEveryLength) {
  for (std::size_t count = 0; count <= 140; ++count) {
    std::vector<double> numbers(count);
    for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<double>(i + 1) / 97;
    expect_as_print(numbers);
  }
}

TEST_P(PrintNumbers, WritesRandomBitPatternsAsPrint) {
  std::mt19937_64 random(1);
  expect_as_print(drawn(1'000'000, [&] { return std::bit_cast<double>(random()); }));
}

TEST_P(PrintNumbers, WritesScaledNumbersAsPrint) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> decimal(-40, 90);
  expect_as_print(drawn(1'000'000, [&] {
    const double rounded = std::round(decimal(random) * 1e8) / 1e8;
    return rounded * (1 / 130.0) + 40 / 130.0;
  }));
}

TEST_P(PrintNumbers, WritesFractionsOfEveryExponentAsPrint) {
  std::mt19937_64 random(7);
  constexpr std::uint64_t all_ones = (std::uint64_t{1} << 52U) - 1;
  std::vector<double> numbers;
  for (std::uint64_t exponent = 1023 - 16; exponent < 1023 + 42; ++exponent) {
    const auto add = [&](std::uint64_t fraction) {
      numbers.push_back(std::bit_cast<double>(exponent << 52U | fraction));
    };
    for (std::uint64_t i = 0; i < 1000; ++i) {
      add(i);
      add(all_ones - i);
    }
    for (int i = 0; i < 20'000; ++i) add(random() & all_ones);
  }
  expect_as_print(numbers);
}

// Where the shortest decimal and the nearest integer of 17 digits are on two sides of many nines.
TEST_P(PrintNumbers, WritesTheNeighboursOfShortDecimalsAsPrint) {
  std::mt19937_64 random(8);
  std::vector<double> numbers;
  for (int digits = 1; digits <= 16; ++digits)
    for (int i = 0; i < 5000; ++i) {
      const double decimal =
          static_cast<double>(random() % (std::uint64_t{1} << (random() % 50U))) /
          std::pow(10, digits);
      for (std::int64_t away = -12; away <= 12; ++away)
        numbers.push_back(std::bit_cast<double>(std::bit_cast<std::int64_t>(decimal) + away));
    }
  expect_as_print(numbers);
}

TEST_P(PrintNumbers, WritesNumbersOfEverySizeAsPrint) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> logarithm(std::log(1e-6), std::log(1e18));
  expect_as_print(drawn(1'000'000, [&] {
    const double size = std::exp(logarithm(random));
    return random() % 2 == 0 ? size : -size;
  }));
}

TEST_P(PrintNumbers, WritesShortDecimalsAsPrint) {
  std::mt19937_64 random(4);
  std::vector<double> numbers;
  for (int digits = 0; digits <= 17; ++digits)
    for (const std::uint64_t limit : {100U, 1'000'000U, 4'000'000'000U})
      for (int i = 0; i < 10'000; ++i)
        numbers.push_back(static_cast<double>(random() % limit) / std::pow(10, digits));
  expect_as_print(numbers);
}

TEST_P(PrintNumbers, WritesIntsAsPrint) {
  std::mt19937_64 random(5);
  std::vector<double> numbers;
  for (unsigned shift = 0; shift < 64; ++shift)
    for (int i = 0; i < 1000; ++i) numbers.push_back(static_cast<double>(random() >> shift));
  expect_as_print(numbers);
}

TEST_P(PrintNumbers, WritesPowersAndTheirNeighboursAsPrint) {
  std::vector<double> numbers;
  const auto look_around = [&](double value) {
    for (const double sign : {1.0, -1.0}) {
      numbers.push_back(sign * value);
      numbers.push_back(sign * std::nextafter(value, 0.0));
      numbers.push_back(sign * std::nextafter(value, infinity));
    }
  };
  for (int e = -1074; e < 1024; ++e)
    for (const double factor : {1.0, 3.0, 1.25}) look_around(std::ldexp(factor, e));
  for (int e = -324; e <= 308; ++e)
    for (const char digit : {'1', '2', '3', '5', '9'}) {
      std::string decimal(1, digit);
      decimal += 'e';
      decimal += std::to_string(e);
      look_around(std::strtod(decimal.c_str(), nullptr));
    }
  expect_as_print(numbers);
}

TEST_P(PrintNumbers, WritesSubnormalNumbersAsPrint) {
  std::mt19937_64 random(6);
  expect_as_print(
      drawn(100'000, [&] { return std::bit_cast<double>(random() >> (12U + random() % 52U)); }));
}

// Each place of a group, and groups of nothing else.
TEST_P(PrintNumbers, WritesUncommonNumbersAmongCommonOnes) {
  for (const double uncommon : {0.0, -0.0, 0.5, 1.0, nan, infinity, -infinity, 1e-5, 1e300, 5e-324})
    for (std::size_t place = 0; place < 70; ++place) {
      std::vector<double> numbers(70, 0.123456789012345);
      numbers[place] = uncommon;
      expect_as_print(numbers);
      expect_as_print(std::vector<double>(place, uncommon));
    }
}

}  // namespace
}  // namespace gradstep::csv
