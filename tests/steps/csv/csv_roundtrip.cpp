// Reads CSV, drops rows with a missing value, scales columns and writes CSV, with blocks of any
// size: compare_prep.py and csv_dialect_test.py run it to put block ends everywhere.
//
//   csv_roundtrip --input_data FILE|FOLDER|- --output_data FOLDER [--columns a,b] [--dropna false]
//                 [--threads N] [--block_bytes N] [--cells_in memory|temporary_file]
//                 [--passes one|two]  two: without a table, where that can be
//
// It says how many passes it took: "passes: one" or "passes: two".
#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>

#include "steps/csv/survey.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {
namespace {

using Arguments = std::map<std::string, std::string>;

Arguments parse(int argc, char** argv) {
  Arguments arguments{{"--columns",
                       "Pregnancies,PlasmaGlucose,DiastolicBloodPressure,TricepsThickness,"
                       "SerumInsulin,BMI,DiabetesPedigree"},
                      {"--dropna", "true"},
                      {"--threads", "2"},
                      {"--block_bytes", "1048576"},
                      {"--cells_in", "memory"},
                      {"--passes", "one"}};
  for (int i = 1; i + 1 < argc; i += 2) arguments[argv[i]] = argv[i + 1];
  return arguments;
}

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    names.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return names;
}

void drop_missing(Table& table, int threads) {
  std::vector<std::uint8_t> keep(static_cast<std::size_t>(table.rows()), 1);
  table.mark_missing(keep, threads);
  for (Column& column : table.columns) {
    const auto cells = column.cells.int64();
    std::size_t kept = 0;
    for (std::size_t row = 0; row < cells.size(); ++row)
      if (keep[row] != 0) cells[kept++] = cells[row];
    column.cells.shrink(static_cast<std::int64_t>(kept));
  }
  table.drop_rows(keep);
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::fmin(low, value);
    high = std::fmax(high, value);
  }
  [[nodiscard]] bool infinite() const {
    return low == -std::numeric_limits<double>::infinity() ||
           high == std::numeric_limits<double>::infinity();
  }
};

// scikit-learn's MinMaxScaler.
void scale(std::span<double> values, const Range& by) {
  const double range = by.high - by.low;
  const double factor = range < 10 * std::numeric_limits<double>::epsilon() ? 1.0 : 1.0 / range;
  const double offset = 0.0 - by.low * factor;
  for (double& value : values) value = value * factor + offset;
}

void scale(std::span<double> values) {
  if (values.empty()) throw std::runtime_error("no rows are left to scale");
  Range range;
  for (const double value : values) range.add(value);
  if (range.infinite()) throw std::runtime_error("an infinite value cannot be scaled");
  scale(values, range);
}

using Sources = std::vector<std::shared_ptr<const Source>>;
using Write = std::function<void(std::string_view, std::int64_t)>;

void prepare_in_one_pass(const Sources& sources, const Arguments& arguments,
                         const ReadOptions& options, const Write& write) {
  Table table = read(sources, options);
  if (arguments.at("--dropna") == "true") drop_missing(table, options.threads);
  for (const std::string& name : names_in(arguments.at("--columns"))) {
    Column& column = table.find(name);
    table.to_float64(column, {}, options.threads);
    scale(column.cells.float64());
  }
  table.write(write, options.threads);
}

bool prepare_in_two_passes(const Sources& sources, const Arguments& arguments,
                           const ReadOptions& options, const Write& write) {
  SurveyOptions how;
  how.numbers = names_in(arguments.at("--columns"));
  how.drop_missing = arguments.at("--dropna") == "true";
  std::vector<Range> ranges(how.numbers.size());
  how.commit = [&ranges](const SurveyedRows& rows, int) {
    for (std::size_t i = 0; i < ranges.size(); ++i)
      for (std::size_t row = 0; row < rows.keep.size(); ++row)
        if (rows.keep[row] != 0) ranges[i].add(rows.numbers[i][row]);
  };
  const auto survey = Survey::of(sources, how, options);
  if (!survey || survey->rows_kept() == 0 || std::ranges::any_of(ranges, &Range::infinite))
    return false;
  const auto change = [&ranges](std::size_t number, std::span<double> values) {
    scale(values, ranges[number]);
  };
  survey->rewrite(change, write, options.threads);
  return true;
}

void run(const Arguments& arguments) {
  const std::string& input = arguments.at("--input_data");
  ReadOptions options;
  options.threads = std::stoi(arguments.at("--threads"));
  options.block_bytes = std::stoll(arguments.at("--block_bytes"));
  if (arguments.at("--cells_in") == "temporary_file") options.cells_in = CellPlace::temporary_file;
  options.warn = [](const std::string& message) { std::cerr << "warning: " << message << '\n'; };
  const auto slash = input.find_last_of('/');
  const std::string path = arguments.at("--output_data") + '/' + input.substr(slash + 1);
  std::ofstream output;
  const auto write = [&](std::string_view text, std::int64_t) {
    if (!output.is_open()) output.open(path);  // now: what fails before leaves no file
    output.write(text.data(), static_cast<std::streamsize>(text.size()));
  };
  const auto sources = open_sources(input);
  const bool two = arguments.at("--passes") == "two" &&
                   prepare_in_two_passes(sources, arguments, options, write);
  if (!two) prepare_in_one_pass(sources, arguments, options, write);
  std::cout << "passes: " << (two ? "two" : "one") << '\n';
}

}  // namespace
}  // namespace gradstep::csv

int main(int argc, char** argv) {
  try {
    gradstep::csv::run(gradstep::csv::parse(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "csv_roundtrip: error: " << error.what() << '\n';
    return 3;
  }
}
