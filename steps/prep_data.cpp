#include "steps/prep_data.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/prepare.hpp"
#include "steps/csv/source.hpp"
#include "steps/csv/table.hpp"
#include "steps/error.hpp"
#include "steps/mlflow/feature_type.hpp"
#include "steps/output_folder.hpp"
#include "steps/prep_output.hpp"
#include "steps/prep_record.hpp"
#include "steps/prep_report.hpp"
#include "steps/prep_survey.hpp"
#include "steps/standard_output.hpp"
#include "steps/threads.hpp"
#include "steps/tracking/run_context.hpp"
#include "steps/tracking/track.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;
using Keep = std::vector<std::uint8_t>;

void check_options(const PrepDataOptions& options) {
  if (options.input_data.empty()) throw UsageError("--input_data: found '', expected a path or -");
  if (options.output_data.empty()) throw UsageError("--output_data: found '', expected a folder");
  expect_each_once("--columns", options.columns);
}

std::vector<csv::Column*> columns_named(csv::Table& table, const std::vector<std::string>& names) {
  std::vector<csv::Column*> columns;
  columns.reserve(names.size());
  for (const std::string& name : names) columns.push_back(&table.find(name));
  return columns;
}

// Whether prepare() cannot see what the column misses, and it can miss a value: integers cannot.
bool hides_missing_values(const csv::Column& column) {
  return !column.is_float64() &&
         std::ranges::any_of(column.segments, [](const csv::Segment& segment) {
           return segment.type != csv::CellType::int64 && segment.type != csv::CellType::uint64;
         });
}

/// Makes the columns to be scaled float64, as scikit-learn does: after dropna, so that text is
/// looked at only in the rows that are left. `keep` is final then, but for what prepare() sees.
/// @return those that were something else: a missing number in them came from text such as "NAN"
///         and drops no row any more
std::vector<csv::Column*> make_numbers(csv::Table& table, const std::vector<csv::Column*>& scaled,
                                       bool dropna, Keep& keep, int threads) {
  if (dropna && std::ranges::any_of(table.columns, hides_missing_values))
    table.mark_missing(keep, threads);
  std::vector<csv::Column*> converted;
  for (csv::Column* column : scaled) {
    if (column->is_float64()) continue;
    table.to_float64(*column, keep, threads);
    converted.push_back(column);
  }
  return converted;
}

/// Names the first infinity among the kept rows of the scaled columns.
[[noreturn]] void refuse_infinity(const csv::Table& table, const std::vector<csv::Column*>& scaled,
                                  const Keep& keep) {
  for (std::int64_t row = 0; row < table.rows(); ++row) {
    const auto at = static_cast<std::size_t>(row);
    if (keep[at] == 0) continue;
    for (const csv::Column* column : scaled) {
      const double value = std::as_const(*column).cells.float64()[at];
      if (!std::isinf(value)) continue;
      const csv::Location where = table.locate(row);
      throw DataError(where.file + ':' + std::to_string(where.line) + ": column '" + column->name +
                      "': found " + (value < 0 ? "-inf" : "inf") +
                      ", expected a finite number, because the column is to be scaled");
    }
  }
  throw InvalidArgument("prepare() reported an infinity that no kept row holds");
}

/// The first rows that prepare() will keep: the report shows what was in them.
std::vector<std::size_t> first_rows_kept(const std::vector<PrepareColumn>& numbers,
                                         const Keep& keep, bool dropna) {
  constexpr std::size_t most = 5;
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < keep.size() && rows.size() < most; ++row) {
    const auto drops_row = [row](const PrepareColumn& column) {
      return column.drops_rows && std::isnan(column.values[row]);
    };
    if (keep[row] != 0 && !(dropna && std::ranges::any_of(numbers, drops_row))) rows.push_back(row);
  }
  return rows;
}

/// Drops rows and scales columns. @return what the report says of `scaled`, in their order
std::vector<ScaledColumn> prepare_table(csv::Table& table, const std::vector<csv::Column*>& scaled,
                                        const PrepDataOptions& options, int threads,
                                        Backend backend) {
  std::vector<ScaledColumn> report;
  report.reserve(scaled.size());
  for (const csv::Column* column : scaled)
    report.push_back({.name = column->name, .type = feature_type(*column)});
  Keep keep(static_cast<std::size_t>(table.rows()), 1);
  const std::vector<csv::Column*> converted =
      make_numbers(table, scaled, options.dropna, keep, threads);

  // The scaled columns first, so that the scales come in their order.
  std::vector<PrepareColumn> numbers;
  numbers.reserve(table.columns.size());
  for (csv::Column* column : scaled)
    numbers.push_back({.values = column->cells.float64().data(),
                       .scale = true,
                       .drops_rows = std::ranges::count(converted, column) == 0});
  std::vector<std::uint64_t*> others;
  for (csv::Column& column : table.columns) {
    if (std::ranges::count(scaled, &column) > 0) continue;
    if (column.is_float64())
      numbers.push_back({.values = column.cells.float64().data()});
    else
      others.push_back(column.cells.uint64().data());
  }
  const std::vector<std::size_t> first_rows = first_rows_kept(numbers, keep, options.dropna);
  for (std::size_t i = 0; i < scaled.size(); ++i)
    for (const std::size_t row : first_rows)
      report[i].first_values.push_back(numbers[i].values[row]);
  const Prepared prepared = prepare(numbers, others, keep, options.dropna, threads, backend,
                                    options.common.device_memory);
  if (prepared.infinite) refuse_infinity(table, scaled, keep);
  if (prepared.rows == 0 && !scaled.empty())
    throw DataError(options.input_data +
                    (table.rows() == 0
                         ? ": no row to scale: the input holds none"
                         : ": no row is left to scale: each of the " +
                               std::to_string(table.rows()) + " read has a missing value"));
  table.drop_rows(keep);
  for (std::size_t i = 0; i < scaled.size(); ++i) report[i].scale = prepared.scales[i];
  return report;
}

std::int64_t bytes_of(const std::vector<std::shared_ptr<const csv::Source>>& sources) {
  std::int64_t bytes = 0;
  for (const auto& source : sources) bytes += source->size();
  return bytes;
}

/// Calls `read` with options that show how far `what` has come.
template <class Read>
auto with_progress(const std::vector<std::shared_ptr<const csv::Source>>& sources, int threads,
                   const Log& log, const char* what, const Read& read) {
  Progress progress(log, what, bytes_of(sources));
  std::int64_t done = 0;

  csv::ReadOptions options;
  options.threads = threads;
  options.warn = [&log](const std::string& text) { log.warn(text); };
  options.progress = [&](std::int64_t more) { progress.show(done += more); };
  return read(options);
}

void remove_files(const std::vector<fs::path>& paths) {
  for (const fs::path& path : paths)
    if (::unlink(path.c_str()) != 0) throw IoError("remove", path, errno);
}

using WriteText = std::function<void(std::string_view text, std::int64_t rows)>;

/// Writes what `write_rows` hands on, and the report. What the folder held before is there until
/// the new file is whole.
void write_output(const PrepDataOptions& options, const PrepReport& report, const Log& log,
                  const std::function<void(const WriteText&)>& write_rows) {
  log.say("writing " + report.file.string());
  create_folder(options.output_data);
  PartFile file(report.file);
  {
    Progress progress(log, "writing", report.rows_read - report.rows_dropped);
    write_rows([&](std::string_view text, std::int64_t rows) {
      file.write(text);
      progress.show(rows);
    });
  }
  file.close();
  const OutputFolder folder(options.output_data, "prep_report.json");
  if (options.overwrite)
    remove_files(other_csv(options.output_data, report.file.filename().string()));
  file.commit();
  folder.finish(to_json(report));
}

std::int64_t bytes_of_cells(std::int64_t rows, std::size_t columns) {
  return 8 * rows * static_cast<std::int64_t>(columns);
}

/// Prepares and writes without a table. @return whether it could: else nothing was written
bool prepare_in_two_passes(const std::vector<std::shared_ptr<const csv::Source>>& sources,
                           const PrepDataOptions& options, const Log& log, PrepReport& report) {
  // Where a GPU is to be expected the survey would be in vain: a cell has about as many bytes in
  // memory as in the file.
  if (choose_device(options.common.device, bytes_of(sources)).backend != Backend::cpu) return false;
  const auto input = with_progress(
      sources, report.threads, log, "reading",
      [&](const csv::ReadOptions& how) { return survey_input(sources, options, how); });
  if (!input) return false;
  const csv::Survey& survey = input->survey;
  const DeviceChoice device =
      choose_device(options.common.device, bytes_of_cells(survey.rows(), survey.names().size()));
  if (device.backend != Backend::cpu) return false;
  report.device = device;
  log.say(describe(report.device));
  report.rows_read = survey.rows();
  report.rows_dropped = survey.rows() - survey.rows_kept();
  report.scaled_columns = input->scaled;
  write_output(options, report, log,
               [&](const WriteText& write) { write_scaled(*input, write, report.threads); });
  return true;
}

/// Reads, prepares and writes. @param record  gets the results when there is `tracking`
PrepReport run(const PrepDataOptions& options, const Log& log,
               const std::optional<TrackingSettings>& tracking, RunRecord& record) {
  PrepReport report;
  report.threads = options.common.threads > 0 ? options.common.threads : usable_threads();
  const auto sources = csv::open_sources(options.input_data);
  const std::string name = prepared_name(options.input_data);
  check_output(options.output_data, name, options.overwrite, sources);
  report.file = options.output_data / name;

  log.say("reading " + options.input_data);
  // What is told of a tracked input needs its table.
  if (!tracking && prepare_in_two_passes(sources, options, log, report)) return report;
  csv::Table table =
      with_progress(sources, report.threads, log, tracking ? "reading" : "reading as a table",
                    [&sources](const csv::ReadOptions& how) { return csv::read(sources, how); });
  report.rows_read = table.rows();
  if (tracking) add_input(record, tracking->user, options.input_data, table);
  report.device =
      choose_device(options.common.device, bytes_of_cells(table.rows(), table.columns.size()));
  log.say(describe(report.device));

  const std::vector<csv::Column*> scaled = columns_named(table, options.columns);
  report.scaled_columns =
      prepare_table(table, scaled, options, report.threads, report.device.backend);
  report.rows_dropped = report.rows_read - table.rows();
  write_output(options, report, log,
               [&](const WriteText& write) { table.write(write, report.threads); });
  if (tracking) add_results(record, report);
  return report;
}

}  // namespace

void prep_data(const PrepDataOptions& options) {
  check_options(options);
  // A device that was asked for and is not there must not cost a long read first.
  if (options.common.device == Device::cuda) (void)choose_device(Device::cuda, 0);
  const Log log(options.common.quiet);
  const std::optional<TrackingSettings> tracking = tracking_settings(
      options.tracking, process_environment(), [&log](const std::string& line) { log.warn(line); });
  RunRecord record = started_preparation(options);
  const PrepReport report =
      with_failure_told(tracking, record, log, [&] { return run(options, log, tracking, record); });
  std::cout << "rows read: " << report.rows_read << "\nrows dropped: " << report.rows_dropped
            << "\nwrote: " << report.file.string() << '\n';
  flush_standard_output();  // now: a signal may end the wait for a server
  if (tracking) track(*tracking, record, log);
}

}  // namespace gradstep
