#include "steps/metrics_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

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

// A device or a pipe is written to as it is: a part file could only replace it.
void write_into(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  if (!(file << text << std::flush)) throw IoError("write", path, errno);
}

}  // namespace

void expect_data_kept(const TrainOptions& options,
                      const std::vector<std::shared_ptr<const csv::Source>>& sources) {
  const fs::path path = metrics_path(options);
  std::error_code ignored;
  for (const auto& source : sources)
    if (fs::equivalent(path, source->name(), ignored))
      throw UsageError("--metrics_output: found '" + path.string() + "', which is training data");
}

void write_metrics(const TrainReport& report) {
  const fs::path path = metrics_path(report.options);
  if (is_device_or_pipe(path)) return write_into(path, metrics_json(report));
  if (path.has_parent_path()) create_folder(path.parent_path());
  write_whole(path, metrics_json(report));
}

void write_tracking_time(TrainReport& report, Stopwatch& watch) {
  report.seconds.track = watch.lap();
  report.seconds.total = watch.total();
  if (!is_device_or_pipe(metrics_path(report.options))) write_metrics(report);
}

}  // namespace gradstep
