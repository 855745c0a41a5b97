#include "steps/csv/number_print.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <string_view>

namespace gradstep::csv {
namespace {

template <class Number>
std::string printed(Number number) {
  std::array<char, longest_number> text{};
  return {text.data(), print(text.data(), number)};
}

TEST(Print, WritesFloatsAsPythonsRepr) {
  EXPECT_EQ(printed(0.0), "0.0");
  EXPECT_EQ(printed(-0.0), "-0.0");
  EXPECT_EQ(printed(1.0), "1.0");
  EXPECT_EQ(printed(-250.0), "-250.0");
  EXPECT_EQ(printed(0.1), "0.1");
  EXPECT_EQ(printed(1.0000000000000002), "1.0000000000000002");
  EXPECT_EQ(printed(-123.456), "-123.456");
}

TEST(Print, SwitchesToExponentsBelow1em4AndFrom1e16) {
  EXPECT_EQ(printed(0.0001), "0.0001");
  EXPECT_EQ(printed(0.00012345), "0.00012345");
  EXPECT_EQ(printed(0.00001), "1e-05");
  EXPECT_EQ(printed(-1.5e-7), "-1.5e-07");
  EXPECT_EQ(printed(1e15), "1000000000000000.0");
  EXPECT_EQ(printed(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(printed(1e16), "1e+16");
  EXPECT_EQ(printed(1.2345e22), "1.2345e+22");
  EXPECT_EQ(printed(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
  EXPECT_EQ(printed(std::numeric_limits<double>::denorm_min()), "5e-324");
}

TEST(Print, WritesInfinityButNoNan) {
  EXPECT_EQ(printed(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(printed(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(printed(std::numeric_limits<double>::quiet_NaN()), "");
}

TEST(Print, WritesIntsUpToTheirLimits) {
  EXPECT_EQ(printed(std::int64_t{0}), "0");
  EXPECT_EQ(printed(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(printed(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

// The digits of std::to_chars in the notation of Python's repr: another algorithm, and a layout by
// strings.
std::string repr(double value) {
  if (std::isnan(value)) return "";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 32> buffer{};
  char* const end =
      std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::scientific).ptr;
  std::string scientific(buffer.data(), end);
  const std::size_t e = scientific.find('e');
  const int exponent = std::stoi(scientific.substr(e + 1));
  if (exponent < -4 || exponent >= 16) return scientific;
  std::string digits = scientific.substr(0, e);
  std::string text = digits[0] == '-' ? "-" : "";
  std::erase_if(digits, [](char c) { return c == '-' || c == '.'; });
  if (exponent < 0) digits = std::string(static_cast<std::size_t>(-exponent), '0').append(digits);
  const auto whole = static_cast<std::size_t>(std::max(exponent, 0)) + 1;
  digits.resize(std::max(digits.size(), whole + 1), '0');
  text += digits.substr(0, whole);
  text += '.';
  text += digits.substr(whole);
  return text;
}

// How many of the doubles are printed in another way than repr does, and the first of them.
struct Differences {
  std::int64_t count = 0;
  std::string first;

  void look_at(double value) {
    const std::string expected = repr(value);
    std::array<char, longest_number> text{};
    const std::string_view found(text.data(),
                                 static_cast<std::size_t>(print(text.data(), value) - text.data()));
    if (found == expected) return;
    if (count++ == 0) first = expected + " is printed as " + std::string(found);
  }
};

TEST(Print, WritesRandomBitPatternsAsRepr) {
  std::mt19937_64 random(1);
  Differences differences;

  for (int i = 0; i < 1'000'000; ++i) differences.look_at(std::bit_cast<double>(random()));

  EXPECT_EQ(differences.count, 0) << differences.first;
}

TEST(Print, WritesRandomNumbersOfEveryKindAsRepr) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> below_one(0, 1);
  std::uniform_int_distribution<std::int64_t> whole(1, 1'000'000'000'000);
  Differences differences;

  for (int i = 0; i < 300'000; ++i) {
    differences.look_at(below_one(random));
    differences.look_at(static_cast<double>(whole(random)) / 1000);                  // few decimals
    differences.look_at(static_cast<double>(random() >> 4U) / 1024);                 // up to 2^50
    differences.look_at(static_cast<double>(i % 97) / 96);                           // scaled ints
    differences.look_at(std::bit_cast<double>(random() >> (12U + random() % 52U)));  // subnormal
  }

  EXPECT_EQ(differences.count, 0) << differences.first;
}

TEST(Print, WritesPowersAndTheirNeighboursAsRepr) {
  Differences differences;
  const auto look_around = [&](double value) {
    differences.look_at(value);
    differences.look_at(-value);
    differences.look_at(std::nextafter(value, 0.0));
    differences.look_at(std::nextafter(value, std::numeric_limits<double>::infinity()));
  };

  for (int e = -1074; e < 1024; ++e)
    for (const double factor : {1.0, 3.0, 1.25}) look_around(std::ldexp(factor, e));
  for (int e = -324; e <= 308; ++e) {
    for (const char digit : {'1', '2', '3', '4', '5', '6', '7', '8', '9'}) {
      std::string decimal(1, digit);
      decimal += 'e';
      decimal += std::to_string(e);
      look_around(std::strtod(decimal.c_str(), nullptr));
    }
  }

  EXPECT_EQ(differences.count, 0) << differences.first;
}

TEST(Print, WritesIntsOfEveryLengthAsToCharsDoes) {
  std::mt19937_64 random(3);
  for (unsigned shift = 0; shift < 64; ++shift) {
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t value = random() >> shift;
      ASSERT_EQ(printed(value), std::to_string(value));
      ASSERT_EQ(printed(static_cast<std::int64_t>(value)),
                std::to_string(static_cast<std::int64_t>(value)));
    }
  }
  for (std::uint64_t power = 1; power < 10'000'000'000'000'000'000U; power *= 10) {
    EXPECT_EQ(printed(power), std::to_string(power));
    EXPECT_EQ(printed(power - 1), std::to_string(power - 1));
  }
}

TEST(Print, WritesEveryReferenceDoubleAsPandasDoes) {
  std::ifstream file(GRADSTEP_FLOATS);
  int count = 0;
  std::string text;
  for (std::uint64_t bits = 0; file >> std::hex >> bits >> text; ++count)
    EXPECT_EQ(printed(std::bit_cast<double>(bits)), text);
  EXPECT_EQ(count, 5000);
}

}  // namespace
}  // namespace gradstep::csv
