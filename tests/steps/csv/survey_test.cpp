#include "steps/csv/survey.hpp"

#include <array>
#include <optional>
#include <random>

#include "steps/error.hpp"
#include "tests/steps/csv/csv_test.hpp"

namespace gradstep::csv {
namespace {

using testing::ElementsAre;

// A way to prepare files.
struct Task {
  std::vector<std::string> files;
  std::vector<std::string> numbers;  // changed to 3 - x / 7
  bool drop_missing = true;
  std::int64_t block_bytes = 1 << 18;
  int threads = 1;
};

void change(std::span<double> values) {
  for (double& value : values) value = 3 - value / 7;
}

ReadOptions reading(const Task& task) {
  ReadOptions options;
  options.block_bytes = task.block_bytes;
  options.threads = task.threads;
  return options;
}

SurveyOptions surveying(const Task& task) {
  SurveyOptions options;
  options.numbers = task.numbers;
  options.drop_missing = task.drop_missing;
  return options;
}

std::vector<std::shared_ptr<const Source>> sources_of(const Task& task) {
  std::vector<std::shared_ptr<const Source>> sources;
  for (const std::string& text : task.files) sources.push_back(source_of(text));
  return sources;
}

std::optional<std::string> in_two_passes(const Task& task) {
  const auto survey = Survey::of(sources_of(task), surveying(task), reading(task));
  if (!survey) return std::nullopt;
  std::string text;
  std::int64_t last = 0;
  survey->rewrite([](std::size_t, std::span<double> values) { change(values); },
                  [&](std::string_view piece, std::int64_t rows) {
                    text += piece;
                    last = rows;
                  },
                  task.threads);
  EXPECT_TRUE(last == survey->rows_kept() || survey->rows_kept() == 0);
  return text;
}

std::string through_a_table(const Task& task) {
  Table table = read(sources_of(task), reading(task));
  if (task.drop_missing) {
    std::vector<std::uint8_t> keep(static_cast<std::size_t>(table.rows()), 1);
    table.mark_missing(keep, 1);
    for (Column& column : table.columns) {
      const auto cells = column.cells.int64();
      std::size_t kept = 0;
      for (std::size_t row = 0; row < cells.size(); ++row)
        if (keep[row] != 0) cells[kept++] = cells[row];
    }
    table.drop_rows(keep);
  }
  for (const std::string& name : task.numbers) {
    Column& column = table.find(name);
    table.to_float64(column, {}, 1);
    change(column.cells.float64());
  }
  return written(table);
}

TEST(Survey, TellsTypesAndRows) {
  const Task task{{"i,f,b,t,n\n1,1.5,True,x,4\n2,,False,y,5\n"}, {"n"}, true, 4};
  const auto survey = Survey::of(sources_of(task), surveying(task), reading(task));

  ASSERT_TRUE(survey);
  EXPECT_EQ(survey->rows(), 2);
  EXPECT_EQ(survey->rows_kept(), 1);
  EXPECT_THAT(survey->names(), ElementsAre("i", "f", "b", "t", "n"));
  EXPECT_THAT(survey->types(), ElementsAre(CellType::int64, CellType::float64, CellType::boolean,
                                           CellType::text, CellType::int64));
}

TEST(Survey, ShowsTheNumbersOfKeptRows) {
  const Task task{{"a,b\n1,2\n3,\n-0,x\n5,6.5\n"}, {"a"}, true, 5};
  SurveyOptions options = surveying(task);
  std::vector<double> kept;
  options.commit = [&kept](const SurveyedRows& rows, int) {
    for (std::size_t row = 0; row < rows.keep.size(); ++row)
      if (rows.keep[row] != 0) kept.push_back(rows.numbers[0][row]);
  };

  ASSERT_TRUE(Survey::of(sources_of(task), options, reading(task)));
  EXPECT_THAT(kept, ElementsAre(1, 0, 5));
}

TEST(Survey, LeavesToATableWhatIsNotOrdinary) {
  const auto is_ordinary = [](const std::vector<std::string>& files) {
    return in_two_passes({files, {"n"}}).has_value();
  };
  EXPECT_TRUE(is_ordinary({"n,m\n1,2\n"}));
  EXPECT_TRUE(is_ordinary({"n,m\n1,2\n", "n,m\n1.5,2\n"}));
  EXPECT_FALSE(is_ordinary({"n,m\n"}));                          // no row
  EXPECT_FALSE(is_ordinary({"n,m\n1,2,3\n"}));                   // an index
  EXPECT_FALSE(is_ordinary({"m\n1\n"}));                         // no such column
  EXPECT_FALSE(is_ordinary({"n,m\nx,2\n"}));                     // text to be changed
  EXPECT_FALSE(is_ordinary({"n,m\nTrue,2\n"}));                  // booleans to be changed
  EXPECT_FALSE(is_ordinary({"n,m\n1,18446744073709551615\n"}));  // large ints
  EXPECT_FALSE(is_ordinary({"n,m\n1,2\n", "m,n\n2,1\n"}));       // another order
  EXPECT_FALSE(is_ordinary({"n,m\n1,2\n", "n,m\n1,x\n"}));       // types without a common one
  EXPECT_FALSE(is_ordinary({"n,m\n1,2\n", "n,m\n"}));            // no row in one
  EXPECT_FALSE(in_two_passes({{"n,m\n-0,1\n1.5,1\n"}, {"n"}, true, 4}));  // another float than int
}

TEST(Rewrite, CopiesChangesAndPrints) {
  const std::string text =
      "i,n,f,g,t,b\n1,7,1.5,1,a,True\n02,14,2.50,2.5,\"b,c\",true\n3,21,1e3,3,d\"e,False\n";
  for (const std::int64_t block_bytes : {1, 20, 1000})
    EXPECT_EQ(in_two_passes({{text}, {"n"}, true, block_bytes}),
              "i,n,f,g,t,b\n1,2.0,1.5,1.0,a,True\n2,1.0,2.5,2.5,\"b,c\",True\n"
              "3,0.0,1000.0,3.0,\"d\"\"e\",False\n");
}

std::string column_name(std::size_t column) {
  return std::string("c").append(std::to_string(column));
}

// Rows of many columns, of ints, floats and text in turn.
std::string wide_file(std::size_t columns, std::size_t rows) {
  const std::array<std::vector<const char*>, 3> fields = {
      {{"1", "007", "23"}, {"0.5", "2.50", "1e5"}, {"a", "b c", "\"d,e\""}}};
  std::string text;
  for (std::size_t column = 0; column < columns; ++column)
    (text += column == 0 ? "" : ",") += column_name(column);
  text += '\n';
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column)
      (text += column == 0 ? "" : ",") += fields[column % 3][(row + column / 3) % 3];
    text += '\n';
  }
  return text;
}

// What a thread remembers is shared among its columns, down to nothing.
TEST(Rewrite, WritesManyColumns) {
  for (const std::size_t columns : {4U, 256U, 257U, 5000U, 16'384U, 16'385U, 20'000U}) {
    for (const std::size_t number : {std::size_t{0}, columns / 3 * 3 - 2}) {
      Task task{{wide_file(columns, 2)}, {column_name(number)}};
      EXPECT_EQ(in_two_passes(task), through_a_table(task)) << columns;
      task.files = {wide_file(columns, 7)};
      task.block_bytes = 1;
      EXPECT_EQ(in_two_passes(task), through_a_table(task)) << columns;
    }
  }
}

TEST(Rewrite, WritesManyChangedColumns) {
  Task task{{wide_file(770, 600)}, {}};
  for (std::size_t column = 0; column < 770; ++column)
    if (column % 3 < 2) task.numbers.push_back(column_name(column));

  EXPECT_EQ(in_two_passes(task), through_a_table(task));
}

// What columns are made of; a few rows in a hundred are of another kind.
const std::vector<std::vector<const char*>>& kinds_of_fields() {
  static const std::vector<std::vector<const char*>> kinds = {
      {"0", "1", "-7", "12", "123456", "999999999999999"},
      {"1", "-0", "007", "+5", " 3", "4 ", "1234567890123456", "9223372036854775807"},
      {"0.5", "1.25", "-3.75", "0.0", "100.0", "0.0001", "33.18582451"},
      {"0.5", "1", "2.50", "1e5", ".5", "5.", "0.00001", "-0.0", "0.1234567890123456", "1e-7"},
      {"True", "False"},
      {"true", "FALSE", "True"},
      {"a", "b c", " x", "\xC3\xA9", "NaNa", "a'b", "x\"y", "\"q,r\"", "\"\"\"\"", "\"s\nt\"",
       "\"1\""},
      {"", "NA", "nan", "\"\"", "NULL"},
  };
  return kinds;
}

std::string random_file(std::mt19937& random, const std::vector<std::size_t>& kinds) {
  const std::vector<const char*> line_ends = {"\n", "\r\n", "\r"};
  const std::string line_end = line_ends[random() % 10 == 0 ? random() % 3 : random() % 2];
  const unsigned odd = random() % 3 == 0 ? 20 : 1000;  // one field of so many
  std::string text;
  for (std::size_t column = 0; column < kinds.size(); ++column)
    (text += column == 0 ? "" : ",") += static_cast<char>('a' + column);
  text += line_end;
  const std::size_t rows = 1 + random() % 40;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t columns = random() % odd == 0 ? 1 + random() % kinds.size() : kinds.size();
    for (std::size_t column = 0; column < columns; ++column) {
      const auto& all = kinds_of_fields();
      const std::size_t kind = random() % odd == 0         ? random() % all.size()
                               : random() % (odd / 4) == 0 ? all.size() - 1
                                                           : kinds[column];
      (text += column == 0 ? "" : ",") += all[kind][random() % all[kind].size()];
    }
    text += line_end;
  }
  return text;
}

TEST(Rewrite, WritesWhatATableWrites) {
  std::mt19937 random(11);
  int surveyed = 0;
  constexpr int tasks = 4000;
  for (int i = 0; i < tasks; ++i) {
    std::vector<std::size_t> kinds(1 + random() % 6);
    for (std::size_t& kind : kinds) kind = random() % (kinds_of_fields().size() - 1);
    Task task;
    const std::size_t files = random() % 4 == 0 ? 1 + random() % 3 : 1;
    for (std::size_t file = 0; file < files; ++file)
      task.files.push_back(random_file(random, kinds));
    for (std::size_t column = 0; column < kinds.size(); ++column)
      if (kinds[column] < 4 && random() % 2 == 0)
        task.numbers.push_back(std::string(1, static_cast<char>('a' + column)));
    task.drop_missing = random() % 2 == 0;
    const std::vector<std::int64_t> sizes = {1, 7, 64, 300, 1 << 18};
    task.block_bytes = sizes[random() % sizes.size()];
    task.threads = random() % 4 == 0 ? 3 : 1;

    const std::optional<std::string> found = in_two_passes(task);
    if (!found) continue;
    ++surveyed;
    ASSERT_EQ(*found, through_a_table(task)) << task.files[0] << "\nblocks of " << task.block_bytes;
  }
  EXPECT_GT(surveyed, tasks / 2);
}

}  // namespace
}  // namespace gradstep::csv
