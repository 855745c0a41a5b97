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

fs::path coefficients_path(const TrainOptions& options) {
  const fs::path metrics = metrics_path(options);
  const fs::path folder = is_device_or_pipe(metrics) ? options.model_output : metrics.parent_path();
  return folder / "coefficients.csv";
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

void expect_kept(const std::string& flag, const fs::path& table, const char* what_happens,
                 const csv::Source& source) {
  std::error_code ignored;
  if (fs::equivalent(table, source.name(), ignored))
    throw UsageError(flag + "found a place where " + table.string() + " would be " + what_happens +
                     ", which is training data");
}

void expect_not_read_next_time(const std::string& flag, const fs::path& table,
                               const TrainOptions& options) {
  fs::path folder = table.parent_path();
  if (folder.empty()) folder = ".";
  std::error_code ignored;
  if (fs::equivalent(folder, options.training_data, ignored))
    throw UsageError(flag + "found a place in '" + options.training_data + "', where " +
                     table.filename().string() + " would be training data next time");
}

}  // namespace

void expect_data_kept(const TrainOptions& options,
                      const std::vector<std::shared_ptr<const csv::Source>>& sources) {
  const fs::path metrics = metrics_path(options);
  const fs::path coefficients = coefficients_path(options);
  const fs::path cv_results = options.model_output / cv_results_name;
  const char* const flag = options.metrics_output ? "--metrics_output: " : "--model_output: ";
  std::error_code ignored;
  for (const auto& source : sources) {
    if (fs::equivalent(metrics, source->name(), ignored))
      throw UsageError("--metrics_output: found '" + metrics.string() +
                       "', which is training data");
    expect_kept(flag, coefficients, "replaced", *source);
    expect_kept("--model_output: ", cv_results, options.path ? "replaced" : "removed", *source);
  }
  expect_not_read_next_time(flag, coefficients, options);
  if (options.path) expect_not_read_next_time("--model_output: ", cv_results, options);
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
  write_with_folder(coefficients_path(report.options), text);
  return text;
}

}  // namespace gradstep
