#include "steps/coefficients_csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace gradstep {
namespace {

using testing::ElementsAre;

constexpr const char* header =
    "term,coefficient,standard_error,z,p_value,ci_lower,ci_upper,odds_ratio,odds_ratio_ci_lower,"
    "odds_ratio_ci_upper";

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> cells;
  for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
  return cells;
}

FittedClass fitted(std::vector<double> coefficients, double intercept,
                   std::vector<double> variances) {
  FittedClass fitted;
  fitted.variances = std::move(variances);
  fitted.fit.coefficients = std::move(coefficients);
  fitted.fit.intercept = intercept;
  return fitted;
}

/// Of two classes, with an intercept of 0.
std::string csv_of(const std::vector<std::string>& names, std::vector<double> coefficients,
                   std::vector<double> variances) {
  const std::vector<ClassValue> classes{false, true};
  return coefficients_csv(names, classes,
                          std::vector{fitted(std::move(coefficients), 0, std::move(variances))});
}

TEST(CoefficientsCsv, PutsTheInterceptFirst) {
  const std::vector<std::string> names{"b", "a"};
  const std::vector<double> variances{1, 4, 9};

  const std::vector<std::string> lines = lines_of(csv_of(names, {0, 0}, variances));

  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0], header);
  EXPECT_TRUE(lines[1].starts_with("intercept,0.0,3.0,0.0,1.0,")) << lines[1];
  EXPECT_TRUE(lines[2].starts_with("b,0.0,1.0,0.0,1.0,")) << lines[2];
  EXPECT_TRUE(lines[3].starts_with("a,0.0,2.0,0.0,1.0,")) << lines[3];
}

// A coefficient of two standard errors: the two-sided p of |z| = 2 is 0.0455, from any table; the
// ends are 1.959963984540054 standard errors away.
TEST(CoefficientsCsv, SaysHowSureACoefficientIs) {
  const std::vector<std::string> names{"x"};
  const std::vector<double> variances{0.25, 1};

  const std::string text = csv_of(names, {-1}, variances);

  const std::vector<std::string> cells = cells_of(lines_of(text).at(2));
  ASSERT_EQ(cells.size(), 10U);
  const std::vector<double> expected{-1,
                                     0.5,
                                     -2,
                                     0.04550026389635842,
                                     -1.979981992270027,
                                     -0.020018007729973,
                                     std::exp(-1),
                                     std::exp(-1.979981992270027),
                                     std::exp(-0.020018007729973)};
  for (std::size_t k = 0; k < expected.size(); ++k)
    EXPECT_NEAR(std::stod(cells[k + 1]), expected[k], 1e-14) << k;
}

TEST(CoefficientsCsv, HasEmptyCellsWhereThereIsNoVariance) {
  const std::vector<std::string> names{"x"};

  EXPECT_THAT(lines_of(csv_of(names, {0.5}, {})),
              ElementsAre(header, "intercept,0.0,,,,,,1.0,,", "x,0.5,,,,,,1.6487212707001282,,"));
}

TEST(CoefficientsCsv, KeepsOddsThatOverflow) {
  const std::vector<std::string> names{"x"};
  const std::vector<double> variances{1e6, 1};

  const std::vector<std::string> lines = lines_of(csv_of(names, {1e3}, variances));

  EXPECT_TRUE(lines.at(2).ends_with(",inf,0.0,inf")) << lines.at(2);
}

TEST(CoefficientsCsv, BeginsWithTheClassWhereThereAreThree) {
  const std::vector<std::string> names{"x"};
  const std::vector<ClassValue> classes{"b,c", "d", "e"};

  const std::vector<std::string> lines = lines_of(coefficients_csv(
      names, classes,
      std::vector{fitted({0}, 1, {}), fitted({0}, -1, {0, 0.25}), fitted({0}, 0, {})}));

  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[0], "class," + std::string(header));
  EXPECT_EQ(lines[1], "\"b,c\",intercept,1.0,,,,,,2.718281828459045,,");
  EXPECT_EQ(lines[2], "\"b,c\",x,0.0,,,,,,1.0,,");
  EXPECT_TRUE(lines[3].starts_with("d,intercept,-1.0,0.5,-2.0,")) << lines[3];
  EXPECT_TRUE(lines[6].starts_with("e,x,0.0,")) << lines[6];
}

TEST(CoefficientsCsv, QuotesNamesThatNeedIt) {
  const std::vector<std::string> names{"a,b", "say \"x\""};

  const std::vector<std::string> lines = lines_of(csv_of(names, {0, 0}, {}));

  EXPECT_TRUE(lines.at(2).starts_with("\"a,b\",0.0,")) << lines.at(2);
  EXPECT_TRUE(lines.at(3).starts_with("\"say \"\"x\"\"\",0.0,")) << lines.at(3);
}

}  // namespace
}  // namespace gradstep
