#include "steps/csv/python_number.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>

namespace gradstep::csv {
namespace {

std::optional<double> float_in(std::string_view text) {
  double value = 0;
  return parse_python_float(text, value) ? std::optional(value) : std::nullopt;
}

std::optional<std::string> int_in(std::string_view text) {
  std::string digits = "left over";
  return parse_python_int(text, digits) ? std::optional(digits) : std::nullopt;
}

TEST(ParsePythonFloat, ReadsWhatFloatReads) {
  EXPECT_EQ(float_in(" +1.5e3\n"), 1500.0);
  EXPECT_EQ(float_in("1_000.2_5"), 1000.25);
  EXPECT_EQ(float_in("-Infinity"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(float_in("1e400"), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(float_in("NAN").value_or(0)));
  EXPECT_TRUE(std::isnan(float_in("-nan").value_or(0)));
  EXPECT_TRUE(std::signbit(float_in("-0").value_or(1)));
}

TEST(ParsePythonFloat, ReadsDigitsAndBlanksOfEveryScript) {
  EXPECT_EQ(float_in("\uFF11\uFF12.5"), 12.5);       // full width
  EXPECT_EQ(float_in("\u0661\u0662"), 12.0);         // Arabic-Indic
  EXPECT_EQ(float_in("\U0001D7D8\U0001D7FF"), 9.0);  // mathematical, two alphabets
  EXPECT_EQ(float_in("\u00A0 7\u3000"), 7.0);        // no-break and ideographic space
}

TEST(ParsePythonFloat, RefusesWhatFloatRefuses) {
  for (const char* text : {"", " ", "_1", "1_", "1__0", "1_.5", "1._5", "1e_5", "fat", "0x10",
                           "1 2", "+-1", "1e", ".", "1,5", "\u00BD", "\u4E00", "1\u200B", "\0341"})
    EXPECT_EQ(float_in(text), std::nullopt) << text;
  EXPECT_EQ(float_in(std::string_view("1\0", 2)), std::nullopt);
}

TEST(ParsePythonInt, PrintsAsPythonDoes) {
  EXPECT_EQ(int_in(" +00123 "), "123");
  EXPECT_EQ(int_in("-1_000"), "-1000");
  EXPECT_EQ(int_in("-0"), "0");
  EXPECT_EQ(int_in("18446744073709551616"), "18446744073709551616");
}

TEST(ParsePythonInt, RefusesWhatIntRefuses) {
  for (const char* text : {"", "-", "1.0", "_1", "1__0", "\uFF11", "1 2"})
    EXPECT_EQ(int_in(text), std::nullopt) << text;
}

TEST(ParsePythonInt, ReadsAtMost4300Digits) {
  EXPECT_EQ(int_in(std::string(4300, '1')), std::string(4300, '1'));
  EXPECT_EQ(int_in(std::string(4301, '1')), std::nullopt);
  EXPECT_EQ(int_in(std::string(4301, '0')), std::nullopt);
}

}  // namespace
}  // namespace gradstep::csv
