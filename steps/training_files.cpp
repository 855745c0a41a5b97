#include "steps/training_files.hpp"

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "steps/coefficients_csv.hpp"
#include "steps/cv_results.hpp"
#include "steps/error.hpp"
#include "steps/output_folder.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

fs::path metrics_path(const TrainOptions& options) {
  return options.metrics_output.value_or(options.model_output / "metrics.json");
}

bool is_device_or_pipe(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_regular_file(path, ignored);
}

/// A table that the step writes into the model's folder, or removes from it.
struct Table {
  fs::path path;
  const char* what_happens;
};

std::vector<Table> tables(const TrainOptions& options) {
  return {{options.model_output / coefficients_name, "replaced"},
          {options.model_output / cv_results_name, options.path ? "replaced" : "removed"}};
}

// A device or a pipe is written to as it is: a part file could only replace it.
void write_into(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  if (!(file << text << std::flush)) throw IoError("write", path, errno);
}

void write_with_folder(const fs::path& path, const std::string& text) {
  if (path.has_parent_path()) create_folder(path.parent_path());
  write_whole(path, text);
}

bool same(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

/// A folder is read whole: a table that is written there is training data next time.
void expect_not_read_next_time(const std::string& flag, const fs::path& table,
                               const TrainOptions& options) {
  const fs::path folder = table.has_parent_path() ? table.parent_path() : ".";
  if (table.extension() == ".csv" && same(folder, options.training_data))
    throw UsageError(flag + "found a place in '" + options.training_data + "', where " +
                     table.filename().string() + " would be training data next time");
}

}  // namespace

void expect_data_kept(const TrainOptions& options,
                      const std::vector<std::shared_ptr<const csv::Source>>& sources) {
  const fs::path metrics = metrics_path(options);
  const std::vector<Table> of_the_model = tables(options);
  for (const auto& source : sources) {
    if (same(metrics, source->name()))
      throw UsageError("--metrics_output: found '" + metrics.string() +
                       "', which is training data");
    for (const Table& table : of_the_model)
      if (same(table.path, source->name()))
        throw UsageError("--model_output: found a place where " + table.path.string() +
                         " would be " + table.what_happens + ", which is training data");
  }
  expect_not_read_next_time("--model_output: ", options.model_output / coefficients_name, options);
  expect_not_read_next_time("--metrics_output: ", metrics, options);
}

void write_metrics(const TrainReport& report) {
  const fs::path path = metrics_path(report.options);
  if (is_device_or_pipe(path)) return write_into(path, metrics_json(report));
  write_with_folder(path, metrics_json(report));
}

void write_tracking_time(TrainReport& report, Stopwatch& watch) {
  report.seconds.track = watch.lap();
  report.seconds.total = watch.total();
  if (!is_device_or_pipe(metrics_path(report.options))) write_metrics(report);
}

std::string write_coefficients(const TrainReport& report) {
  std::string text =
      coefficients_csv(report.options.features, report.model.classes, report.fitted.classes);
  write_with_folder(report.options.model_output / coefficients_name, text);
  return text;
}

}  // namespace gradstep
