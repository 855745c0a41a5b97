#include "steps/score_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "kernels/decision_function.hpp"
#include "steps/csv/field_print.hpp"
#include "steps/csv/number_print.hpp"
#include "steps/csv/number_stream.hpp"
#include "steps/error.hpp"
#include "steps/json_values.hpp"
#include "steps/metrics.hpp"
#include "steps/mlflow/onnx_reader.hpp"
#include "steps/output_folder.hpp"
#include "steps/prep_output.hpp"
#include "steps/stopwatch.hpp"
#include "steps/threads.hpp"
#include "steps/version.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

void check_options(const ScoreModelOptions& options) {
  if (options.model.empty()) throw UsageError("--model: found '', expected a folder");
  if (options.input_data.empty()) throw UsageError("--input_data: found '', expected a path or -");
  if (options.output_data.empty()) throw UsageError("--output_data: found '', expected a folder");
}

/// A folder of input is read whole: our result would be input the next time.
void expect_another_folder(const ScoreModelOptions& options) {
  std::error_code none;  // a folder that does not exist is another one
  if (fs::is_directory(options.input_data, none) &&
      fs::equivalent(options.input_data, options.output_data, none))
    throw DataError("the folder '" + options.input_data +
                    "' is the input and the output folder, so the next run would read the "
                    "result as input; choose another --output_data");
}

/// A run of rows of the result.
struct ScoredRows {
  std::string text;            ///< of all rows; empty when numbers overflow in one
  std::int64_t good_rows = 0;  ///< before the first in which they do
};

/// Rows of the result, as text, from runs of rows of the input.
class Scorer {
 public:
  Scorer(const LinearClassifier& model, Backend backend, std::int64_t device_memory)
      : backend_(backend), device_memory_(device_memory), model_(model) {
    label_.reserve(model.classes.size());
    for (const ClassValue& value : model.classes) {
      const std::string text = class_text(value);
      std::string& field = label_.emplace_back(2 * text.size() + 2, '\0');
      // Many readers end a line at a lone \r that is not within quotes.
      const char* const end = csv::put_field(field.data(), text, ",\"\n\r");
      field.resize(static_cast<std::size_t>(end - field.data()));
    }
    if (!model.scaler) return;
    for (std::size_t c = 0; c < model.feature_names.size(); ++c)
      scales_.push_back({.scale = model.scaler->scale[c], .offset = model.scaler->offset[c]});
  }

  /// For any thread.
  void score(const csv::NumberRows& rows, ScoredRows& scored) {
    const ClassColumns z = decide(rows);
    scored.text.clear();
    scored.good_rows = rows.rows();
    for (const std::vector<double>& of_class : z) {
      const auto bad =
          std::ranges::find_if(of_class, [](double value) { return std::isnan(value); });
      scored.good_rows = std::min<std::int64_t>(scored.good_rows, bad - of_class.begin());
    }
    if (scored.good_rows == rows.rows()) print(z, scored.text);
  }

 private:
  void print(const ClassColumns& z, std::string& text) const {
    const ClassColumns given = probabilities(z);
    const std::size_t rows = z.front().size();
    std::vector<char> numbers(label_.size() * (csv::longest_number + 1) + 1);
    text.reserve(rows * (numbers.size() + 8));  // a label may be as long as a block
    for (std::size_t row = 0; row < rows; ++row) {
      text += label_[predicted_class(z, row)];
      char* out = numbers.data();
      const auto put = [&out](double probability) {
        *out++ = ',';
        out = csv::print(out, probability);
      };
      if (given.size() == 1) put(1 - given.front()[row]);
      for (const std::vector<double>& of_class : given) put(of_class[row]);
      *out++ = '\n';
      text.append(numbers.data(), out);
    }
  }

  ClassColumns decide(const csv::NumberRows& rows) {
    ClassColumns z(model_.models.size());
    // One run of rows at a time on a device, whose memory is for all.
    std::unique_lock lock(device_, std::defer_lock);
    if (backend_ == Backend::cuda) lock.lock();
    for (std::size_t k = 0; k < z.size(); ++k) {
      z[k].resize(static_cast<std::size_t>(rows.rows()));
      const LinearModel linear{model_.models[k].weights, model_.models[k].intercept, scales_};
      decision_function(rows.columns(), linear, z[k], 1, backend_, device_memory_);
    }
    return z;
  }

  Backend backend_;
  std::int64_t device_memory_;
  std::mutex device_;
  const LinearClassifier& model_;
  std::vector<ColumnScale> scales_;
  std::vector<std::string> label_;
};

/// The result, which makes its folder when the first rows come: input that is refused early leaves
/// nothing behind, and an older result stays until this one is whole.
class ScoreFile {
 public:
  ScoreFile(fs::path path, std::size_t classes) : path_(std::move(path)), header_("label") {
    for (std::size_t k = 0; k < classes; ++k) header_ += ",probability_" + std::to_string(k);
    header_ += '\n';
  }

  void write(std::string_view text) {
    open();
    file_->write(text);
  }
  /// @param report  the text of the marker
  void finish(const std::string& report) {
    open();
    const OutputFolder folder(path_.parent_path(), "score_report.json");
    file_->commit();
    folder.finish(report);
  }

 private:
  void open() {
    if (file_) return;
    create_folder(path_.parent_path());
    file_ = std::make_unique<PartFile>(path_);
    file_->write(header_);
  }

  fs::path path_;
  std::string header_;
  std::unique_ptr<PartFile> file_;
};

/// Scores all rows into `file`; returns their number.
std::int64_t score_all(const std::vector<std::shared_ptr<const csv::Source>>& sources,
                       const std::vector<std::string>& features, Scorer& scorer, ScoreFile& file,
                       csv::ReadOptions options, std::int64_t bytes, const Log& log) {
  Progress progress(log, "scoring", bytes);
  std::int64_t done = 0;
  options.warn = [&log](const std::string& line) { log.warn(line); };
  options.progress = [&](std::int64_t more) {
    if (bytes > 0) progress.show(done += more);  // a pipe does not tell how much will come
  };
  std::vector<ScoredRows> scored(static_cast<std::size_t>(options.threads));
  const auto of = [&](int worker) -> ScoredRows& {
    return scored[static_cast<std::size_t>(worker)];
  };
  std::int64_t rows = 0;
  csv::stream_numbers(
      sources, features, options,
      {.work = [&](const csv::NumberRows& run, int worker) { scorer.score(run, of(worker)); },
       .check =
           [&](const csv::NumberRows& run, int worker) {
             if (of(worker).good_rows < run.rows())
               throw DataError(run.place(of(worker).good_rows) +
                               ": the features are too large to compute with in double precision");
           },
       .commit =
           [&](const csv::NumberRows& run, int worker) {
             file.write(of(worker).text);
             rows += run.rows();
           }});
  return rows;
}

std::string report_of(const ScoreModelOptions& options, const LinearClassifier& model,
                      const ScoreModelResult& result, const DeviceChoice& device, int threads,
                      double seconds) {
  Json coefficients = Json::array();
  Json intercepts = Json::array();
  for (const ClassModel& of_class : model.models) {
    coefficients.push_back(of_class.weights);
    intercepts.push_back(of_class.intercept);
  }
  const bool one = model.models.size() == 1;
  return to_text(Json{
      {"schema_version", 1},
      {"program", "score-model"},
      {"version", version},
      {"commit", commit},
      {"file", result.file.filename().string()},
      {"rows", result.rows},
      {"model",
       {{"folder", options.model.string()},
        {"feature_names", model.feature_names},
        {"coefficients", one ? coefficients.front() : coefficients},
        {one ? "intercept" : "intercepts", one ? intercepts.front() : intercepts},
        {"classes", to_json_value(model.classes)},
        {"includes_scaler", model.scaler.has_value()}}},
      {"device", device.kind()},
      {"device_name", device.name},
      {"device_reason", device.reason},
      {"threads", threads},
      {"seconds", seconds},
  });
}

}  // namespace

ScoreModelResult score_model(const ScoreModelOptions& options, const Log& log) {
  const Stopwatch watch;
  check_options(options);
  const int threads = options.common.threads > 0 ? options.common.threads : usable_threads();
  // A device that was asked for and is not there must not cost a wait for input first.
  if (options.common.device == Device::cuda) (void)choose_device(Device::cuda, 0);

  const LinearClassifier model = read_model(options.model);
  const auto sources = csv::open_sources(options.input_data, csv::Reading::onwards);
  ScoreModelResult result{options.output_data / prepared_name(options.input_data)};
  expect_inputs_kept({result.file}, sources);
  expect_another_folder(options);

  std::int64_t bytes = 0;  // of the files: about as many as their cells take
  for (const auto& source : sources) bytes += source->size();
  const DeviceChoice device = choose_device(options.common.device, bytes);
  log.say(describe(device));
  log.say("scoring " + options.input_data + " by " + options.model.string());

  Scorer scorer(model, device.backend, options.common.device_memory);
  ScoreFile file(result.file, model.classes.size());
  csv::ReadOptions reading;
  reading.threads = threads;
  // A call of the device costs as much as copying megabytes.
  if (device.backend == Backend::cuda) reading.block_bytes *= 64;
  result.rows = score_all(sources, model.feature_names, scorer, file, reading, bytes, log);
  file.finish(report_of(options, model, result, device, threads, watch.total()));
  return result;
}

}  // namespace gradstep
