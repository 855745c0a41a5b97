#include "steps/csv/header.hpp"

#include "tests/steps/csv/csv_test.hpp"

namespace gradstep::csv {
namespace {

using testing::ElementsAre;

Header header_of(const std::string& text, std::int64_t block_bytes = 1 << 16) {
  return read_header(*source_of(text), block_bytes);
}

// The expected names are pandas' own: cases duplicate_names, duplicate_names_clash, empty_names.
TEST(HeaderNames, NumbersRepeatedNamesAroundThoseInUse) {
  EXPECT_THAT(header_names({"x", "x", "x"}), ElementsAre("x", "x.1", "x.2"));
  EXPECT_THAT(header_names({"x", "x", "x.1", "y"}), ElementsAre("x", "x.2", "x.1", "y"));
}

TEST(HeaderNames, NamesTheNameless) {
  EXPECT_THAT(header_names({"x", "", ""}), ElementsAre("x", "Unnamed: 1", "Unnamed: 2"));
  EXPECT_THAT(header_names({"x", "", "", "Unnamed: 1"}),
              ElementsAre("x", "Unnamed: 1.1", "Unnamed: 2", "Unnamed: 1"));
}

TEST(ReadHeader, FindsNamesAndTheFirstRowBehindEmptyLines) {
  const Header header = header_of("\n \nx,\"y\nz\"\n\n1,2\n");

  EXPECT_THAT(header.names, ElementsAre("x", "y\nz"));
  EXPECT_EQ(header.begin, 11);
  EXPECT_EQ(header.first_row, 12);
  EXPECT_EQ(header.width, 2);
  EXPECT_EQ(header.index_columns(), 0);
}

TEST(ReadHeader, DropsAByteOrderMark) {
  EXPECT_THAT(header_of("\xEF\xBB\xBF\"x\",y\n").names, ElementsAre("x", "y"));
}

TEST(ReadHeader, CountsTheIndexColumnsOfALongerFirstRow) {
  const Header header = header_of("x\n1,2,3\n4,5,6\n");

  EXPECT_EQ(header.width, 3);
  EXPECT_EQ(header.index_columns(), 2);
}

TEST(ReadHeader, DoesNotDependOnTheBlocks) {
  for (std::int64_t block_bytes = 1; block_bytes < 24; ++block_bytes) {
    const Header header = header_of("\n\nlong name,\"a\r\nb\"\r\n\r\n  \r\n1,2,3\r\n", block_bytes);

    EXPECT_THAT(header.names, ElementsAre("long name", "a\r\nb"));
    EXPECT_EQ(header.first_row, 26);
    EXPECT_EQ(header.width, 3);
  }
}

TEST(ReadHeader, HasNoFirstRowWhereOnlyBlanksFollow) {
  EXPECT_EQ(header_of("x,y\n \n").first_row, -1);
  EXPECT_EQ(header_of("x,y").first_row, -1);
}

TEST(ReadHeader, RefusesAFileWithoutOne) {
  for (const char* text : {"", "\n\n", "\xEF\xBB\xBF", " \t"})
    EXPECT_EQ(message_of<DataError>([&] { (void)header_of(text); }),
              "data.csv: found no columns, expected a line of column names");
}

TEST(ReadHeader, NamesTheLineOfWhatItRefuses) {
  EXPECT_EQ(message_of<DataError>([] { (void)header_of("\nx,\xFF\n"); }),
            "data.csv:2: found the column name '\\xff', expected UTF-8");
  EXPECT_EQ(message_of<DataError>([] { (void)header_of("x,\"y\n"); }),
            "data.csv:1: found a quote that is not closed, expected '\"' before the file ends");
}

}  // namespace
}  // namespace gradstep::csv
