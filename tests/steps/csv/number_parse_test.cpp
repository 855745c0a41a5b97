#include "steps/csv/number_parse.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace gradstep::csv {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::optional<std::int64_t> int64_in(std::string_view field) {
  std::int64_t value = 0;
  const IntOutcome outcome = parse_int64(field, value);
  const bool ok = outcome == IntOutcome::ok || outcome == IntOutcome::ok_float_differs;
  return ok ? std::optional(value) : std::nullopt;
}

IntOutcome int64_outcome(std::string_view field) {
  std::int64_t value = 0;
  return parse_int64(field, value);
}

IntOutcome uint64_outcome(std::string_view field) {
  std::uint64_t value = 0;
  return parse_uint64(field, value);
}

std::optional<double> float64_in(std::string_view field) {
  double value = 0;
  return parse_float64(field, value) ? std::optional(value) : std::nullopt;
}

TEST(ParseInt64, ReadsSignsLeadingZerosAndBlanks) {
  EXPECT_EQ(int64_in("0"), 0);
  EXPECT_EQ(int64_in("-12"), -12);
  EXPECT_EQ(int64_in("+12"), 12);
  EXPECT_EQ(int64_in("007"), 7);
  EXPECT_EQ(int64_in(" \t12\v\f\r\n"), 12);
  EXPECT_EQ(int64_in(std::string(50, '0') + "5"), 5);
}

TEST(ParseInt64, ReadsUpToItsLimits) {
  EXPECT_EQ(int64_in("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(int64_in("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(int64_outcome("9223372036854775808"), IntOutcome::overflow);
  EXPECT_EQ(int64_outcome("-9223372036854775809"), IntOutcome::overflow);
  EXPECT_EQ(int64_outcome("18446744073709551616"), IntOutcome::overflow);
  EXPECT_EQ(int64_outcome("0" + std::string(400, '1')), IntOutcome::overflow);
}

TEST(ParseInt64, TakesALargeIntWithSomethingBehindItForNoInt) {
  EXPECT_EQ(int64_outcome("9223372036854775808 "), IntOutcome::not_int);
  EXPECT_EQ(int64_outcome(" 9223372036854775808"), IntOutcome::overflow);
}

TEST(ParseInt64, RefusesWhatIsNoInt) {
  for (const char* field :
       {"", " ", "-", "+", "+-1", "- 1", "1.0", "1e3", "0x1", "1_0", "1 2", "x"})
    EXPECT_EQ(int64_outcome(field), IntOutcome::not_int) << field;
}

TEST(ParseInt64, TellsWhereTheFloatIsAnother) {
  EXPECT_EQ(int64_outcome("-0"), IntOutcome::ok_float_differs);
  EXPECT_EQ(int64_outcome(" -00 "), IntOutcome::ok_float_differs);
  EXPECT_EQ(int64_outcome(" +123456789012345678"), IntOutcome::ok_float_differs);
  EXPECT_EQ(int64_outcome(" +12345678901234567"), IntOutcome::ok);
  EXPECT_EQ(int64_outcome("+123456789012345678"), IntOutcome::ok);
  EXPECT_EQ(int64_outcome("-1"), IntOutcome::ok);
}

TEST(ParseUint64, ReadsUpToItsLimit) {
  std::uint64_t value = 0;
  EXPECT_EQ(parse_uint64(" +18446744073709551615", value), IntOutcome::ok_float_differs);
  EXPECT_EQ(value, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(uint64_outcome("18446744073709551616"), IntOutcome::overflow);
  EXPECT_EQ(uint64_outcome("1.5"), IntOutcome::not_int);
}

TEST(ParseFloat64, ReadsDecimals) {
  EXPECT_EQ(float64_in("1.5"), 1.5);
  EXPECT_EQ(float64_in("-.5"), -0.5);
  EXPECT_EQ(float64_in("+5."), 5.0);
  EXPECT_EQ(float64_in("1e3"), 1000.0);
  EXPECT_EQ(float64_in("1E-3"), 0.001);
  EXPECT_EQ(float64_in(" 2.5\t"), 2.5);
  EXPECT_TRUE(std::signbit(float64_in("-0").value_or(1)));
}

TEST(ParseFloat64, RoundsCorrectlyHoweverLongTheTextIs) {
  EXPECT_EQ(float64_in("9007199254740993"), 9007199254740992.0);
  EXPECT_EQ(float64_in("9007199254740993." + std::string(700, '0') + "1"), 9007199254740994.0);
}

TEST(ParseFloat64, RunsIntoInfinityAndZero) {
  EXPECT_EQ(float64_in("1e400"), infinity);
  EXPECT_EQ(float64_in("-1e400"), -infinity);
  EXPECT_EQ(float64_in("1e-400"), 0.0);
  EXPECT_EQ(float64_in("1e99999999999999999999"), infinity);
}

TEST(ParseFloat64, ReadsInfinityInAnyCaseButWithoutBlanks) {
  EXPECT_EQ(float64_in("inf"), infinity);
  EXPECT_EQ(float64_in("+Infinity"), infinity);
  EXPECT_EQ(float64_in("-INF"), -infinity);
  EXPECT_EQ(float64_in(" inf"), std::nullopt);
}

TEST(ParseFloat64, RefusesWhatIsNoNumber) {
  for (const char* field : {"", " ", ".", "-", "e5", "1e", "1e+", "1 e5", "1e 5", "--1", "nan",
                            "0x10", "1_000", "1,5", "1.5x", "infinit", "-.e1"})
    EXPECT_EQ(float64_in(field), std::nullopt) << field;
  EXPECT_EQ(float64_in(std::string_view("1\0", 2)), std::nullopt);
}

// pandas' own answers: the case plus_and_blank of csv_cases and experiments with pandas 3.1.1.
TEST(ParseFloat64, ReadsPlusTogetherWithABlankAsPandasOnceDid) {
  EXPECT_EQ(float64_in("+1e 5"), 100000.0);
  EXPECT_EQ(float64_in(" +1.5"), 1.5);
  EXPECT_EQ(float64_in("+1e400 "), infinity);
  EXPECT_EQ(float64_in("+0e400 "), 0.0);
  EXPECT_EQ(float64_in("+1e-700 "), 0.0);
  EXPECT_EQ(float64_in("+x "), std::nullopt);
  EXPECT_EQ(float64_in("+1 x"), std::nullopt);
}

TEST(ParseFloat64, ReadsTheTextOfEveryReferenceDouble) {
  std::ifstream file(GRADSTEP_FLOATS);
  int count = 0;
  std::string text;
  for (std::uint64_t bits = 0; file >> std::hex >> bits >> text; ++count)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(float64_in(text).value_or(nan)), bits) << text;
  EXPECT_EQ(count, 5000);
}

// Short fields within a longer text are read by a faster way.
TEST(ParseWithin, GivesWhatTheFieldAloneGives) {
  std::mt19937_64 random(1);
  constexpr std::string_view characters = "0123456789012345678900000.-+e ,";
  for (int i = 0; i < 300'000; ++i) {
    std::string field;
    const auto size = random() % 20;
    // Nearly all of them numbers: anything but digits is rare, but for one point.
    const std::size_t used = i % 8 == 0 ? characters.size() : 24;
    for (std::size_t k = 0; k < size; ++k) field += characters[random() % used];
    if (i % 3 != 0 && size > 1) field[random() % size] = '.';
    if (i % 5 == 0 && size > 1) field[0] = '-';
    const std::string text = "and more before it,7.5," + field;
    const std::string_view found = std::string_view(text).substr(text.size() - field.size());

    std::int64_t value = 0;
    ShortDecimal decimal;
    if (read_short_int(found, text.data(), decimal)) {
      const IntOutcome outcome = parse_int64(field, value);
      ASSERT_TRUE(outcome == IntOutcome::ok || outcome == IntOutcome::ok_float_differs) << field;
      const auto magnitude = static_cast<std::int64_t>(decimal.digits);
      ASSERT_EQ(decimal.negative ? -magnitude : magnitude, value) << field;
    }
    double floats[2] = {};
    const bool number = parse_float64(field, floats[0]);
    ASSERT_EQ(parse_float64(found, text.data(), floats[1]), number) << field;
    if (number) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(floats[1]), std::bit_cast<std::uint64_t>(floats[0]))
          << field;
    }
  }
}

TEST(ParseWithin, ReadsNothingOutsideTheText) {
  for (const std::string field : {"7", "12.5", "-3", "1234567890123456", "-.5"}) {
    const std::vector<char> text(field.begin(), field.end());  // sanitizers see its ends
    double value = 0;
    EXPECT_TRUE(parse_float64({text.data(), text.size()}, text.data(), value));
    EXPECT_EQ(value, std::strtod(field.c_str(), nullptr));
  }
}

TEST(ShortDecimal, IsDigitsAndWhereThePointIs) {
  const std::string text = "more before it,-12.50,1234567890.123456,12345678901234567,..1";
  const auto read = [&text](std::string_view field, ShortDecimal& decimal) {
    return read_short_decimal(std::string_view(text).substr(text.find(field), field.size()),
                              text.data(), decimal);
  };
  ShortDecimal decimal;

  ASSERT_TRUE(read("-12.50", decimal));
  EXPECT_EQ(decimal.digits, 1250U);
  EXPECT_EQ(decimal.decimals, 2);
  EXPECT_TRUE(decimal.point);
  EXPECT_TRUE(decimal.negative);
  for (const std::string_view field :
       {"1234567890.123456", "12345678901234567", "..1", ",", "..", "before"})
    EXPECT_FALSE(read(field, decimal)) << field;
}

TEST(ShortDecimal, IsAFloatOnlyWhereItsDigitsAreExact) {
  double value = 0;
  EXPECT_TRUE(to_float64({.digits = std::uint64_t{1} << 53U, .decimals = 1}, value));
  EXPECT_EQ(value, 900719925474099.2);
  EXPECT_FALSE(to_float64({.digits = (std::uint64_t{1} << 53U) + 1, .decimals = 1}, value));
}

TEST(ParseBoolean, ReadsAnyCaseButNoBlanks) {
  bool value = false;
  EXPECT_TRUE(parse_boolean("tRuE", value));
  EXPECT_TRUE(value);
  EXPECT_TRUE(parse_boolean("FALSE", value));
  EXPECT_FALSE(value);
  for (const char* field : {"", "True ", "yes", "1", "t", "truE1"})
    EXPECT_FALSE(parse_boolean(field, value)) << field;
}

TEST(IsNa, KnowsPandasDefaultStringsAndNoOthers) {
  for (const char* field :
       {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
        "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"})
    EXPECT_TRUE(is_na(field)) << field;
  for (const char* field : {" ", "NAN", "none", "Null", " NA", "NA ", "na", "N/a", "-", "1.#INF"})
    EXPECT_FALSE(is_na(field)) << field;
}

}  // namespace
}  // namespace gradstep::csv
