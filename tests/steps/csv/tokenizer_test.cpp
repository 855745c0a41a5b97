#include "steps/csv/tokenizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gradstep::csv {
namespace {

using testing::ElementsAre;
using Row = std::vector<std::string>;

std::vector<Row> rows_of(std::string text, std::int64_t width) {
  Records records;
  EXPECT_FALSE(records.split(text, width).has_value());
  std::vector<Row> rows;
  for (std::int64_t i = 0; i < records.rows() * width; ++i) {
    if (i % width == 0) rows.emplace_back();
    const Field& field = records.fields()[i];
    rows.back().push_back(text.substr(field.begin, field.size));
  }
  return rows;
}

Records::Problem problem_of(std::string text, std::int64_t width) {
  Records records;
  return records.split(text, width).value_or(Records::Problem{-1, -1});
}

TEST(Records, EndAtAnyLineEnd) {
  EXPECT_THAT(rows_of("a,b\nc,d\r\ne,f\rg,h", 2),
              ElementsAre(Row{"a", "b"}, Row{"c", "d"}, Row{"e", "f"}, Row{"g", "h"}));
}

TEST(Records, SkipLinesThatAreEmptyOrBlank) {
  EXPECT_THAT(rows_of("\n\r\n \t\na\n\n\r\r\nb\n  ", 1), ElementsAre(Row{"a"}, Row{"b"}));
}

TEST(Records, TakeALineOfOtherBlanksForARow) {
  EXPECT_THAT(rows_of("\v\na\n", 1), ElementsAre(Row{"\v"}, Row{"a"}));
}

TEST(Records, FillShortRowsWithEmptyFields) {
  EXPECT_THAT(rows_of("a\nb,c\n,\n", 3),
              ElementsAre(Row{"a", "", ""}, Row{"b", "c", ""}, Row{"", "", ""}));
}

TEST(Records, LoseTheirQuotes) {
  EXPECT_THAT(rows_of("\"a,b\",\"c\nd\"\n\"e\"\"f\",\"\"\n", 2),
              ElementsAre(Row{"a,b", "c\nd"}, Row{"e\"f", ""}));
}

TEST(Records, KeepTextBehindAClosingQuoteAndQuotesWithinText) {
  EXPECT_THAT(rows_of("\"a\"b\"c\",d\"e\n\"x\"\"y\"z,'w'\n", 2),
              ElementsAre(Row{"ab\"c\"", "d\"e"}, Row{"x\"yz", "'w'"}));
}

TEST(Records, SkipACommaBehindASkippedLineThatEndsInCr) {
  EXPECT_THAT(rows_of("\r,a,b\n", 2), ElementsAre(Row{"a", "b"}));
  EXPECT_THAT(rows_of("\r, a\n", 2), ElementsAre(Row{"", " a"}));
}

TEST(Records, PointToTheLineEndWhereAFieldIsLacking) {
  std::string text = "a\r\n\"b\"\r\n";
  Records records;

  EXPECT_FALSE(records.split(text, 2).has_value());

  EXPECT_EQ(records.fields()[1].begin, 1U);
  EXPECT_EQ(records.fields()[3].begin, 6U);
}

TEST(Records, TellOfARowThatIsTooLong) {
  const Records::Problem problem = problem_of("a,b\n\nc,d,e\n", 2);

  EXPECT_EQ(problem.at, 5);
  EXPECT_EQ(problem.found, 3);
}

TEST(Records, TellOfAQuoteThatIsNotClosed) {
  const Records::Problem problem = problem_of("a,b\nc,\"d\n", 2);

  EXPECT_EQ(problem.at, 4);
  EXPECT_EQ(problem.found, 0);
}

}  // namespace
}  // namespace gradstep::csv
