#include "steps/csv/number_print.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <fstream>
#include <limits>
#include <string>

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
