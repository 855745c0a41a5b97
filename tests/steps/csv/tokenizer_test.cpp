#include "steps/csv/tokenizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
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

// The same by another way: a text that ends soon is split byte by byte, so record after record.
std::vector<Row> rows_one_by_one(std::string_view text, std::int64_t width) {
  std::vector<Row> rows;
  const char* at = skip_empty_lines(text.data(), text.data() + text.size());
  const char* const end = text.data() + text.size();
  while (at != end) {
    std::string rest(at, end);
    Row row;
    const char* const next = split_record(
        rest.data(), rest.data(), rest.data() + rest.size(),
        [&](Field field, const char*) { row.push_back(rest.substr(field.begin, field.size)); });
    if (next == nullptr) break;
    row.resize(static_cast<std::size_t>(width));
    rows.push_back(row);
    at = skip_empty_lines(at + (next - rest.data()), end);
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

// Long texts are split by 64 bytes at a time as long as they are plain. Every odd thing at every
// place of the 64.
TEST(Records, AreTheSameWhereverTheyStandInALongText) {
  const std::vector<std::string> odd = {
      "1,2,3\n",         "1,2\n",          "\n",           " \t\n", "1,2,3\r\n",  "1,2,3\r",
      "\"a,\nb\",2,3\n", "\"a\"\"b\",,\n", " 1,\t2, 3\n",  ",,\n",  "a\rb,2,3\n", "\r\r\n",
      "1,2,\r\n",        "1,\"\",3\r\n",   "1,a\"b\"c,3\n"};
  const std::string seventy(70, '7');
  for (const std::string& piece : odd) {
    for (std::size_t before = 0; before < 70; ++before) {
      std::string text(before, 'x');
      for (const std::string_view next :
           {std::string_view(",y,z\n"), std::string_view(piece), std::string_view(piece),
            std::string_view("4,5,6\n"), std::string_view(seventy), std::string_view(",8,9\n"),
            std::string_view(piece)})
        text += next;
      ASSERT_EQ(rows_of(text, 3), rows_one_by_one(text, 3)) << before << " before " << piece;
    }
  }
}

/// Rows of `width` numbers; of a hundred fields `odd` are quoted, hold a quote or \r, or a comma
/// more.
std::string random_text(std::mt19937_64& random, std::size_t width, std::size_t odd) {
  constexpr std::array<std::string_view, 7> pieces{"\"a,\n\"\"b\"", "\"x", " ",   "\r",
                                                   "\t\r",          ",",   "\"\""};
  const char* const line_end = random() % 3 == 0 ? "\r\n" : "\n";
  std::string text;
  while (text.size() < 500) {
    for (std::size_t k = 0; k < width; ++k) {
      if (k > 0) text += ',';
      text.append(random() % 12, '7');
      if (random() % 100 < odd) text += pieces[random() % pieces.size()];
    }
    text += line_end;
  }
  if (random() % 2 == 0) text.pop_back();
  return text;
}

TEST(Records, AreTheSameInRandomText) {
  std::mt19937_64 random(1);
  std::size_t plain_rows = 0;
  for (std::size_t i = 0; i < 2000; ++i) {
    const std::size_t width = 1 + i % 4;
    const std::size_t odd = i % 10;  // of a tenth of the texts none, which are plain throughout
    const std::string text = random_text(random, width, odd);
    const auto columns = static_cast<std::int64_t>(width);
    if (problem_of(text, columns).at >= 0) continue;
    const std::vector<Row> rows = rows_of(text, columns);
    ASSERT_EQ(rows, rows_one_by_one(text, columns)) << text;
    if (odd == 0) plain_rows += rows.size();
  }
  EXPECT_GT(plain_rows, 1000U);
}

TEST(Records, AreWiderThanAStepIsLong) {
  std::string text;
  Row row;
  for (int i = 0; i < 150; ++i) {
    row.push_back(std::to_string(i));
    text += row.back() + (i < 149 ? "," : "\n");
  }
  EXPECT_THAT(rows_of(text + text + text, 150), ElementsAre(row, row, row));
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

TEST(Records, TellOfARowThatIsTooLongInALongText) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "1,2\n";
  const auto begin = static_cast<std::int64_t>(text.size());
  const Records::Problem problem = problem_of(text + "1,2,3\n" + text, 2);

  EXPECT_EQ(problem.at, begin);
  EXPECT_EQ(problem.found, 3);
}

TEST(Records, TellOfAQuoteThatIsNotClosed) {
  const Records::Problem problem = problem_of("a,b\nc,\"d\n", 2);

  EXPECT_EQ(problem.at, 4);
  EXPECT_EQ(problem.found, 0);
}

}  // namespace
}  // namespace gradstep::csv
