#include "steps/csv/table.hpp"

#include <cmath>
#include <limits>

#include "steps/error.hpp"
#include "tests/steps/csv/csv_test.hpp"

namespace gradstep::csv {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::NanSensitiveDoubleEq;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

ReadOptions in_blocks(std::int64_t block_bytes) {
  ReadOptions options;
  options.block_bytes = block_bytes;
  return options;
}

// The type of a column with these lines, and the same in blocks of a line or two.
CellType type_of(const std::string& lines) {
  const Table table = table_of("x\n" + lines);
  EXPECT_EQ(table.columns.at(0).segments.size(), 1U);
  EXPECT_EQ(table_of("x\n" + lines, in_blocks(4)).columns.at(0).type_at(0),
            table.columns.at(0).type_at(0))
      << lines;
  return table.columns.at(0).type_at(0);
}

std::vector<std::string> texts_of(const Table& table, const Column& column) {
  std::vector<std::string> texts;
  table.visit_text(column, table.rows(),
                   [&texts](std::int64_t row, std::optional<std::string_view> text) {
                     EXPECT_EQ(row, std::ssize(texts));
                     texts.emplace_back(text.value_or("missing"));
                   });
  return texts;
}

std::vector<std::uint8_t> kept_rows(const Table& table, int threads = 1) {
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(table.rows()), 1);
  table.mark_missing(keep, threads);
  return keep;
}

TEST(Types, AreInt64ThenFloat64ThenBooleanThenText) {
  EXPECT_EQ(type_of("1\n-2\n 3 \n"), CellType::int64);
  EXPECT_EQ(type_of("1\n2.5\n"), CellType::float64);
  EXPECT_EQ(type_of("1\nNA\n"), CellType::float64);
  EXPECT_EQ(type_of("\"\"\nNA\n"), CellType::float64);
  EXPECT_EQ(type_of("True\nfalse\nNA\n"), CellType::boolean);
  EXPECT_EQ(type_of("True\n1\n"), CellType::text);
  EXPECT_EQ(type_of("1\n2\nfat\n"), CellType::text);
}

TEST(Types, OfLargeIntsDependOnWhatElseThereIs) {
  EXPECT_EQ(type_of("18446744073709551615\n1\n"), CellType::uint64);
  EXPECT_EQ(type_of("18446744073709551615\n-1\n"), CellType::text);
  EXPECT_EQ(type_of("18446744073709551616\n-1\nNA\n"), CellType::big_int);
  EXPECT_EQ(type_of("-9223372036854775809\n1\n"), CellType::big_int);
  EXPECT_EQ(type_of("9223372036854775808\n1.5\n"), CellType::float64);
  EXPECT_EQ(type_of("1.5\n18446744073709551616\n"), CellType::float64);
  EXPECT_EQ(type_of("18446744073709551616\n1.5\n"), CellType::text);
}

TEST(Types, ChangeAllRowsWhenTheLastRowIsAnother) {
  EXPECT_EQ(rewritten("x\n007\n8\n9\n fat\n", 4), "x\n007\n8\n9\n fat\n");
  EXPECT_EQ(rewritten("x\n007\n-0\n9.5\n", 4), "x\n7.0\n-0.0\n9.5\n");
  EXPECT_EQ(rewritten("x,y\n007,1\n-0,1\n,1\n", 4), "x,y\n7.0,1\n0.0,1\n,1\n");
  EXPECT_EQ(rewritten("x,y\nTrue,1\nNA,1\nno,1\n", 4), "x,y\nTrue,1\n,1\nno,1\n");
}

TEST(Read, GivesEveryColumnItsCells) {
  const Table table = table_of("i,f,b,t\n1,1.5,True,p\n-2,,False,\n");

  ASSERT_EQ(table.rows(), 2);
  ASSERT_EQ(table.columns.size(), 4U);
  EXPECT_THAT(table.columns[0].cells.int64(), ElementsAre(1, -2));
  EXPECT_THAT(table.columns[1].cells.float64(), ElementsAre(1.5, NanSensitiveDoubleEq(nan)));
  EXPECT_THAT(table.columns[2].cells.int64(), ElementsAre(1, 0));
  EXPECT_THAT(table.columns[3].cells.int64(), ElementsAre(19, missing_text));
  EXPECT_TRUE(table.columns[1].is_float64());
  EXPECT_FALSE(table.columns[0].is_float64());
}

TEST(Read, KeepsOnlyTheColumnsAskedFor) {
  ReadOptions options;
  options.columns = {"c", "a"};
  const Table table = table_of("a,b,c\n1,text,3\n4,more,6\n", options);

  EXPECT_EQ(written(table), "a,c\n1,3\n4,6\n");
}

TEST(Read, RefusesAColumnThatIsNotThere) {
  ReadOptions options;
  options.columns = {"a", "z"};

  EXPECT_EQ(message_of<DataError>([&] { (void)table_of("a,b\n1,2\n", options); }),
            "data.csv: found no column 'z', expected one of 'a', 'b'");
}

TEST(Read, NamesTheLineOfWhatItRefuses) {
  for (const std::int64_t block_bytes : {4, 1 << 20}) {
    const ReadOptions options = in_blocks(block_bytes);
    EXPECT_EQ(message_of<DataError>([&] { (void)table_of("a,b\n1,\"x\ny\"\n\n1,2,3\n", options); }),
              "data.csv:5: found 3 fields, expected 2");
    EXPECT_EQ(message_of<DataError>([&] { (void)table_of("a,b\r\n1,2\r\n1,\"x\r\n", options); }),
              "data.csv:3: found a quote that is not closed, expected '\"' before the file ends");
    EXPECT_EQ(message_of<DataError>([&] { (void)table_of("a,b\r1,2\r1,\xC3(\r", options); }),
              "data.csv:3: column 'b': found '\\xc3(', expected UTF-8");
  }
}

TEST(Read, ReportsTheFirstErrorWhateverTheThreads) {
  std::string text = "a,b\n";
  for (int i = 0; i < 500; ++i) text += "1,2\n";
  const std::string wrong = text + "1,2,3\n" + text + "\xFF,1\n" + text;
  for (const int threads : {1, 2, 8}) {
    ReadOptions options = in_blocks(64);
    options.threads = threads;
    EXPECT_EQ(message_of<DataError>([&] { (void)table_of(wrong, options); }),
              "data.csv:502: found 3 fields, expected 2");
  }
}

TEST(Read, AcceptsACharacterThatQuotesPart) {
  EXPECT_EQ(rewritten("x\n\"\xC3\"\xA9\n"), "x\n\xC3\xA9\n");
}

TEST(Read, WarnsWhenColumnsBecomeTheIndex) {
  std::vector<std::string> warnings;
  ReadOptions options;
  options.warn = [&warnings](const std::string& text) { warnings.push_back(text); };
  const Table table = table_of("x,y\n\n1,2,3\n4,5,6\n", options);

  EXPECT_EQ(written(table), "x,y\n2,3\n5,6\n");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0], testing::HasSubstr("data.csv:3: found 3 fields"));
}

TEST(Read, WarnsWhenMissingValuesBecomeText) {
  std::vector<std::string> warnings;
  ReadOptions options = in_blocks(8);
  options.warn = [&warnings](const std::string& text) { warnings.push_back(text); };
  const Table table = table_of("x,y\n1,2\n18446744073709551615,2\nNA,2\n", options);

  EXPECT_EQ(written(table), "x,y\n1,2\n18446744073709551615,2\nNA,2\n");
  EXPECT_THAT(kept_rows(table), ElementsAre(1, 1, 1));
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings[0], testing::HasSubstr("data.csv:4: column 'x'"));
}

TEST(Find, NamesTheColumnsThereAre) {
  Table table = table_of("a,b\n1,2\n");

  EXPECT_EQ(table.find("b").name, "b");
  EXPECT_EQ(message_of<DataError>([&] { (void)table.find("c"); }),
            "data.csv: found no column 'c', expected one of 'a', 'b'");
}

TEST(MarkMissing, FindsMissingValuesOfEveryType) {
  const Table table = table_of(
      "i,f,b,t,n\n1,1.5,True,p,18446744073709551616\n2,,True,p,1\n3,1,NA,p,1\n4,1,True,null,1\n"
      "5,1,True,p,\n6,inf,True,p,1\n");

  EXPECT_THAT(kept_rows(table), ElementsAre(1, 0, 0, 0, 0, 1));
}

TEST(DropRows, MovesWhatFollows) {
  Table table = table_of("x,y\n1,a\n2,b\n3,c\n4,d\n", in_blocks(4));
  const std::vector<std::uint8_t> keep{0, 1, 0, 1};
  for (Column& column : table.columns) {
    column.cells.int64()[0] = column.cells.int64()[1];
    column.cells.int64()[1] = column.cells.int64()[3];
  }

  table.drop_rows(keep);

  EXPECT_EQ(table.rows(), 2);
  EXPECT_EQ(table.columns[0].cells.size(), 2);
  EXPECT_EQ(written(table), "x,y\n2,b\n4,d\n");
}

TEST(ToFloat64, ConvertsEveryType) {
  Table table = table_of(
      "i,u,b,t,n\n-3,18446744073709551615,True,1_000,18446744073709551616\n4,1,,\uFF17,NA\n");
  for (Column& column : table.columns) table.to_float64(column, {}, 2);

  const auto is_nan = NanSensitiveDoubleEq(nan);
  EXPECT_THAT(table.columns[0].cells.float64(), ElementsAre(-3.0, 4.0));
  EXPECT_THAT(table.columns[1].cells.float64(), ElementsAre(18446744073709551616.0, 1.0));
  EXPECT_THAT(table.columns[2].cells.float64(), ElementsAre(1.0, is_nan));
  EXPECT_THAT(table.columns[3].cells.float64(), ElementsAre(1000.0, 7.0));
  EXPECT_THAT(table.columns[4].cells.float64(), ElementsAre(18446744073709551616.0, is_nan));
  EXPECT_TRUE(table.columns[3].is_float64());
}

TEST(ToFloat64, LeavesDroppedRowsUnread) {
  Table table = table_of("t\n1\nfat\n", in_blocks(4));
  const std::vector<std::uint8_t> keep{1, 0};

  table.to_float64(table.columns[0], keep, 1);

  EXPECT_THAT(table.columns[0].cells.float64(), ElementsAre(1.0, NanSensitiveDoubleEq(nan)));
}

TEST(ToFloat64, NamesTheFirstTextThatIsNoNumber) {
  for (const int threads : {1, 4}) {
    ReadOptions options = in_blocks(8);
    options.threads = threads;
    Table table = table_of("x,BMI\n1,1\n1,2\n1,fat\n1,\"fa\tt\"\n", options);

    EXPECT_EQ(message_of<DataError>([&] { table.to_float64(table.columns[1], {}, threads); }),
              "data.csv:4: column 'BMI': found 'fat', expected a number");
  }
  Table table = table_of("x\n1" + std::string(400, '0') + "\n");
  EXPECT_THAT(message_of<DataError>([&] { table.to_float64(table.columns[0], {}, 1); }),
              testing::EndsWith("...', expected a number that fits into a float64"));
}

TEST(VisitText, GivesWhatWouldBeWritten) {
  const Table table =
      table_of("i,f,b,t,n\n1,NA,TRUE,\"a\"\"b\",+18446744073709551616\n2,5,,,\n3,1e5,false,c,0_1\n",
               in_blocks(16));

  EXPECT_THAT(texts_of(table, table.columns[0]), ElementsAre("1", "2", "3"));
  EXPECT_THAT(texts_of(table, table.columns[1]), ElementsAre("missing", "5.0", "100000.0"));
  EXPECT_THAT(texts_of(table, table.columns[2]), ElementsAre("True", "missing", "False"));
  EXPECT_THAT(texts_of(table, table.columns[3]), ElementsAre("a\"b", "missing", "c"));
  EXPECT_THAT(texts_of(table, table.columns[4]),
              ElementsAre("18446744073709551616", "missing", "1"));
}

TEST(Locate, CountsPhysicalLines) {
  const Table table = table_of("\nx,y\n1,\"a\nb\"\n\n2,c\r\n3,d\r4,e", in_blocks(16));
  const auto line = [&table](std::int64_t row) { return table.locate(row).line; };

  EXPECT_THAT((std::vector{line(0), line(1), line(2), line(3)}), ElementsAre(3, 6, 7, 8));
}

TEST(Write, QuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(rewritten("\"a,b\",c\n\"p\",\"q\"\"r\"\n\"s\nt\",\"u\rv\"\nw\"w,' '\n"),
            "\"a,b\",c\np,\"q\"\"r\"\n\"s\nt\",u\rv\n\"w\"\"w\",' '\n");
}

TEST(Write, QuotesAnEmptyFieldThatIsAlone) {
  EXPECT_EQ(rewritten("x\n1\nNA\n"), "x\n1.0\n\"\"\n");
  EXPECT_EQ(rewritten("x\na\nNA\n"), "x\na\n\"\"\n");
}

TEST(Write, WritesAHeaderWithoutRows) {
  EXPECT_EQ(rewritten("x,y\n"), "x,y\n");
  EXPECT_FALSE(table_of("x,y\n").columns[0].is_float64());
}

// Every line end, quotes and every type, cut at every byte by some block size.
TEST(Blocks, DoNotChangeTheResult) {
  const std::string text =
      "i,f,t,b,n,late\r\n1,1.5,\"a,\"\"b\"\"\",True,1,1\n\n  \n2,NA,\"c\nd\"e,,NA,2\r3,-0,f,False,"
      "18446744073709551616,\"3\"\r\n,1e-5,\"\",true,5\r\n007,1,\xC3\xA9,FALSE,6,x\n\r,8,8,8,true,"
      "8\n";
  const std::string whole = rewritten(text);
  EXPECT_EQ(whole,
            "i,f,t,b,n,late\n1.0,1.5,\"a,\"\"b\"\"\",True,1,1\n2.0,,\"c\nde\",,,2\n"
            "3.0,-0.0,f,False,18446744073709551616,3\n,1e-05,,True,5,\n7.0,1.0,\xC3\xA9,False,6,x\n"
            "8.0,8.0,8,True,8,\n");
  for (std::int64_t block_bytes = 1; block_bytes <= std::ssize(text) + 1; ++block_bytes)
    for (const int threads : {1, 2, 8})
      EXPECT_EQ(rewritten(text, block_bytes, threads), whole) << block_bytes << ' ' << threads;
}

// The column turns out to be text, so its first rows are read again; there are more of them by
// then.
TEST(Blocks, AreRefusedWhenTheFileHasChangedMeanwhile) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "data.csv";
  put(path, "a,b\n1,2\n3,4\nx,5\n");
  ReadOptions options;
  options.block_bytes = 4;
  options.progress = [&path](std::int64_t) { put(path, "a,b\n1\n2\n3,4\nx,5\n"); };

  const auto read_it = [&] { (void)read({std::make_shared<const Source>(path)}, options); };

  EXPECT_THAT(message_of<DataError>(read_it),
              testing::HasSubstr("changed while it was being read"));
}

}  // namespace
}  // namespace gradstep::csv
