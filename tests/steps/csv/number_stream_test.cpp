#include "steps/csv/number_stream.hpp"

#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <thread>

#include "steps/csv/header.hpp"
#include "tests/steps/csv/csv_test.hpp"

namespace gradstep::csv {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using Sources = std::vector<std::shared_ptr<const Source>>;
using Columns = std::vector<std::vector<double>>;

// What to read, and how.
struct Asked {
  std::vector<std::string> names;
  ReadOptions options;
};

Asked asked(std::vector<std::string> names, std::int64_t block_bytes = 1 << 20, int threads = 1) {
  ReadOptions options;
  options.block_bytes = block_bytes;
  options.threads = threads;
  return {std::move(names), options};
}

// The columns of all files, one behind the other.
Columns streamed(const Sources& sources, const Asked& how) {
  Columns columns(how.names.size());
  const auto append = [&](const NumberRows& rows, int) {
    for (std::size_t c = 0; c < columns.size(); ++c)
      columns[c].insert(columns[c].end(), rows.columns()[c], rows.columns()[c] + rows.rows());
  };
  stream_numbers(sources, how.names, how.options,
                 {.work = [](const NumberRows&, int) {}, .commit = append});
  return columns;
}

Columns streamed(const std::string& file, const Asked& how) {
  return streamed(Sources{source_of(file)}, how);
}

std::string refusal_of(const std::string& file, const Asked& how) {
  return message_of<DataError>([&] { (void)streamed(file, how); });
}

TEST(NumberStream, GivesTheColumnsInTheOrderAskedForWhateverTheBlocks) {
  const std::string file = "a,text,b\n1,x,2.5\n-3,\"y,z\",1e3\n\n\"4\",,.5\n";

  for (const std::int64_t block_bytes : {7, 16, 1 << 20})
    for (const int threads : {1, 3})
      EXPECT_THAT(streamed(file, asked({"b", "a", "b"}, block_bytes, threads)),
                  ElementsAre(ElementsAre(2.5, 1000, 0.5), ElementsAre(1, -3, 4),
                              ElementsAre(2.5, 1000, 0.5)));
}

TEST(NumberStream, TakesWhatPythonTakesForANumber) {
  const std::string zeros(5000, '0');
  EXPECT_THAT(
      streamed("a\n1_000\n +2.5 \n18446744073709551615\n" + zeros + "7\n\xD9\xA3\n", asked({"a"})),
      ElementsAre(ElementsAre(1000, 2.5, 18446744073709551615.0, 7, 3)));
}

TEST(NumberStream, TakesTrueAndFalseForOneAndZeroInAColumnOfThem) {
  EXPECT_THAT(streamed("a,b\nTrue,1\nfalse,0\nTRUE,1\n", asked({"a", "b"}, 8)),
              ElementsAre(ElementsAre(1, 0, 1), ElementsAre(1, 0, 1)));
}

TEST(NumberStream, RefusesBooleansAmongNumbers) {
  for (const std::int64_t block_bytes : {4, 1 << 20}) {
    EXPECT_EQ(refusal_of("a\n1\n2\nTrue\n3\n", asked({"a"}, block_bytes)),
              "data.csv:4: column 'a': found 'True', expected a number");
    EXPECT_EQ(refusal_of("a\nTrue\nFalse\n1\nx\n", asked({"a"}, block_bytes)),
              "data.csv:4: column 'a': found '1', expected True or False as in the rows before");
  }
}

TEST(NumberStream, RefusesWhatIsNoFiniteNumberAndSaysWhere) {
  const auto refused = [](const std::string& cell) {
    return refusal_of("a,b\n1,2\n3," + cell + "\n", asked({"a", "b"}));
  };

  EXPECT_EQ(refused("many"), "data.csv:3: column 'b': found 'many', expected a number");
  for (const char* missing : {"", "NA", "nan", "NAN", "\"\"", "-NaN"})
    EXPECT_EQ(refused(missing),
              "data.csv:3: column 'b': the value is missing; prep-data drops such rows");
  for (const char* infinite : {"inf", "-Infinity", "1e999", "9_9e999"})
    EXPECT_EQ(refused(infinite),
              "data.csv:3: column 'b': the value is infinite; a finite number is needed");
}

TEST(NumberStream, ReportsTheFirstBadCellWhateverTheBlocksAndThreads) {
  std::string file = "a,b\n";
  for (int row = 0; row < 100; ++row) file += row % 30 == 29 ? "1,x\ny,2\n" : "1,2\n";

  for (const std::int64_t block_bytes : {9, 64, 1 << 20})
    for (const int threads : {1, 4})
      EXPECT_EQ(refusal_of(file, asked({"a", "b"}, block_bytes, threads)),
                "data.csv:31: column 'b': found 'x', expected a number");
}

TEST(NumberStream, HandsOnTheRowsBeforeABadOneInOrder) {
  std::vector<double> seen;
  const auto keep = [&](const NumberRows& rows, int) {
    seen.insert(seen.end(), rows.columns()[0], rows.columns()[0] + rows.rows());
  };

  EXPECT_THROW(
      stream_numbers({source_of("a\n1\n2\n3\n\n\n\nx\n4\n")}, {"a"}, asked({"a"}, 4, 3).options,
                     {.work = [](const NumberRows&, int) {}, .commit = keep}),
      DataError);
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
}

TEST(NumberStream, TellsWhereARowStands) {
  std::vector<std::string> places;
  const auto note = [&](const NumberRows& rows, int) {
    for (std::int64_t row = 0; row < rows.rows(); ++row) {
      const std::string place = rows.place(row);
      places.push_back(place.substr(place.find("data.csv")));
    }
  };
  stream_numbers({source_of("t,a\n\"x\ny\",1\n\n\"z\",2\n")}, {"a"}, {},
                 {.work = note, .commit = [](const NumberRows&, int) {}});

  EXPECT_THAT(places, ElementsAre("data.csv:2", "data.csv:5"));
}

TEST(NumberStream, TakesFilesWhoseColumnsDifferInOrder) {
  const Sources sources{source_of("a,b\n1,True\n"), source_of("b\n"), source_of("b,x,a\n2,,3\n")};

  EXPECT_THAT(streamed(sources, asked({"a", "b"}, 1 << 20, 2)),
              ElementsAre(ElementsAre(1, 3), ElementsAre(1, 2)));
}

TEST(NumberStream, RefusesAFileWithRowsThatLacksAColumn) {
  const Sources sources{source_of("a,b\n1,2\n", "first.csv"), source_of("c,a\n1,2\n")};

  EXPECT_EQ(message_of<DataError>([&] { (void)streamed(sources, asked({"a", "b"})); }),
            "data.csv: found no column 'b', expected one of 'c', 'a'");
  EXPECT_THAT(message_of<DataError>([&] { (void)streamed(sources, asked({"d"})); }),
              HasSubstr("first.csv and 1 file more: found no column 'd', expected one of 'a', "
                        "'b', 'c'"));
}

TEST(NumberStream, RefusesBrokenRecordsOfOtherColumns) {
  EXPECT_EQ(refusal_of("a,b\n1,2,3\n1,2,3,4\n", asked({"a"})),
            "data.csv:3: found 4 fields, expected 3");
  EXPECT_EQ(refusal_of("a,b\n1,\"2\n", asked({"a"})),
            "data.csv:2: found a quote that is not closed, expected '\"' before the file ends");
  EXPECT_EQ(refusal_of("a,b\n1,\xFF\n", asked({"a"})),
            "data.csv:2: column 'b': found '\\xff', expected UTF-8");
}

TEST(NumberStream, GivesNothingForAHeaderAlone) {
  EXPECT_THAT(streamed("a,b\n", asked({"b"})), ElementsAre(ElementsAre()));
}

// A pipe that gives the text once, open for reading.
class Pipe {
 public:
  explicit Pipe(const std::string& text) {
    const fs::path path = folder_.path() / "data.csv";
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0);
    writer_ = std::jthread([text, path] { std::ofstream(path) << text; });
    source_ = std::make_shared<const Source>(path, Reading::onwards);
  }
  [[nodiscard]] Sources sources() const { return {source_}; }

 private:
  TemporaryFolder folder_;
  std::jthread writer_;
  std::shared_ptr<const Source> source_;
};

TEST(NumberStream, ReadsAPipeAsAFile) {
  std::string file = "a,t,b\n";
  for (int row = 0; row < 5000; ++row)
    file += std::to_string(row) + ",\"two\nlines\"," + std::to_string(row % 7) + ".5\r\n";
  const Columns expected = streamed(file, asked({"b", "a"}));

  for (const int threads : {1, 4})
    EXPECT_EQ(streamed(Pipe(file).sources(), asked({"b", "a"}, 1000, threads)), expected);
  const Pipe broken(file + "1,2,x\n");
  EXPECT_EQ(
      message_of<DataError>([&] { (void)streamed(broken.sources(), asked({"b", "a"}, 1000, 4)); }),
      "data.csv:10002: column 'b': found 'x', expected a number");
}

// -- beside csv::read, Table::to_float64 and a look for NaN and infinity: what train-model does

std::optional<std::vector<double>> by_table(const Sources& sources, const std::string& name) {
  ReadOptions options;
  options.columns = {name};
  try {
    Table table = read(sources, options);
    Column& column = table.find(name);
    table.to_float64(column, {}, 1);
    const auto values = column.cells.float64();
    if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); }))
      return std::nullopt;
    return std::vector<double>(values.begin(), values.end());
  } catch (const DataError&) {
    return std::nullopt;
  }
}

std::optional<std::vector<double>> by_stream(const Sources& sources, const std::string& name,
                                             std::int64_t block_bytes) {
  try {
    return streamed(sources, asked({name}, block_bytes, 2)).at(0);
  } catch (const DataError&) {
    return std::nullopt;
  }
}

TEST(NumberStream, ReadsTheFilesOfEveryDialectAsTablesDo) {
  int columns = 0;
  int numeric = 0;
  for (const auto& entry :
       std::set<fs::path>(fs::directory_iterator(GRADSTEP_CSV_INPUTS), fs::directory_iterator())) {
    if (!fs::is_regular_file(entry)) continue;
    const Sources sources{std::make_shared<const Source>(entry)};
    std::vector<std::string> names;
    try {
      names = read_header(*sources[0], 1 << 20).names;
    } catch (const DataError&) {
      continue;
    }
    for (const std::string& name : names) {
      const auto expected = by_table(sources, name);
      ++columns;
      numeric += expected ? 1 : 0;
      EXPECT_EQ(by_stream(sources, name, 1 << 20), expected) << entry << ' ' << name;
      EXPECT_EQ(by_stream(sources, name, 64), expected) << entry << ' ' << name;
    }
  }
  EXPECT_GT(columns, 200);
  EXPECT_GT(numeric, 80);
}

}  // namespace
}  // namespace gradstep::csv
