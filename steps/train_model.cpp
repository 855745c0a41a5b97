#include "steps/train_model.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/device_choice.hpp"
#include "steps/error.hpp"
#include "steps/fit_model.hpp"
#include "steps/log.hpp"
#include "steps/metrics_report.hpp"
#include "steps/output_folder.hpp"
#include "steps/plot/draw_pictures.hpp"
#include "steps/python_repr.hpp"
#include "steps/threads.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

class Stopwatch {
 public:
  /// Seconds since the last call, or since the start.
  double lap() {
    const auto now = Clock::now();
    return seconds_between(std::exchange(last_, now), now);
  }
  [[nodiscard]] double total() const { return seconds_between(start_, Clock::now()); }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

bool is_marker(const fs::path& path, const fs::path& model_output) {
  std::error_code ignored;
  return fs::weakly_canonical(path, ignored) ==
         fs::weakly_canonical(model_output / ModelWriter::marker, ignored);
}

void expect_usable(const TrainOptions& options) {
  if (options.training_data.empty())
    throw UsageError("--training_data: found '', expected a path or -");
  if (options.model_output.empty()) throw UsageError("--model_output: found '', expected a folder");
  if (options.metrics_output && is_marker(*options.metrics_output, options.model_output))
    throw UsageError("--metrics_output: found '" + options.metrics_output->string() +
                     "', which is the model's own file");
  if (options.features.empty()) throw UsageError("--features: found '', expected a name or more");
  if (options.solver != Solver::liblinear) return;
  if (!options.penalize_intercept) {
    throw UsageError(
        "--solver liblinear penalizes the intercept; --penalize_intercept false does "
        "not go with it");
  }
  if (options.common.device == Device::cuda) {
    throw UsageError(
        "--solver liblinear is sequential and runs on the CPU; --device cuda does not "
        "go with it");
  }
  if (options.precision != Precision::float64) {
    throw UsageError(
        "--solver liblinear gives exact digits; --precision mixed does not go with "
        "it");
  }
}

DeviceChoice device_for(const TrainOptions& options, const TrainingData& data) {
  if (options.solver == Solver::liblinear) {
    DeviceChoice choice = choose_device(Device::cpu, 0);
    if (options.common.device == Device::automatic) {
      choice.reason = "the solver liblinear is sequential and runs on the CPU only";
    }
    return choice;
  }
  const std::int64_t cells = data.rows() * std::ssize(data.features);
  return choose_device(options.common.device, cells * 8, true);
}

/// What the model says about some rows, taken out of all rows' decisions.
struct Part {
  std::vector<std::int32_t> truth;
  std::vector<double> decision;
  std::vector<double> probability;

  Part(const std::vector<std::int64_t>& rows, const Labels& labels,
       const std::vector<double>& all_decisions) {
    truth.reserve(rows.size());
    decision.reserve(rows.size());
    for (const std::int64_t row : rows) {
      truth.push_back(labels.class_of_row[static_cast<std::size_t>(row)]);
      decision.push_back(all_decisions[static_cast<std::size_t>(row)]);
    }
    probability = probabilities(decision);
  }
  [[nodiscard]] Scores scores() const { return {truth, decision, probability}; }
};

TrainedModel as_model(const FittedModel& fitted, const TrainOptions& options,
                      const Labels& labels) {
  return {.coefficients = fitted.fit.coefficients,
          .intercept = fitted.fit.intercept,
          .classes = labels.classes,
          .feature_names = options.features,
          .reg_rate = options.reg_rate,
          .solver = name_of(options.solver)};
}

/// Numbers near the ends of double's range can overflow on the way to a decision.
void expect_no_nan(const std::vector<double>& decision, const std::string& input) {
  const auto is_nan = [](double z) { return std::isnan(z); };
  if (std::none_of(decision.begin(), decision.end(), is_nan)) return;
  throw DataError(input +
                  ": the features are too large to compute with in double precision; scale them");
}

void warn_of_weak_points(const FittedModel& fitted, const TestMetrics& test, const Log& log) {
  if (!fitted.fit.converged) {
    std::ostringstream text;
    text << "the solver stopped before it converged (" << fitted.fit.stop_reason << " after "
         << fitted.fit.iterations << " iterations, gradient norm " << fitted.fit.gradient_norm
         << "): "
         << (fitted.fit.stop_reason == StopReason::max_iterations ? "raise --max_iterations, " : "")
         << "raise --reg_rate or scale the features";
    log.warn(text.str());
  }
  if (std::isnan(test.auc)) log.warn("all test rows are of one class: AUC is not defined");
}

// A device or a pipe is written to as it is: a part file could only replace it.
void write_into(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  if (!(file << text << std::flush)) throw IoError("write", path, errno);
}

void write_metrics(const fs::path& path, const std::string& text) {
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored))
    return write_into(path, text);
  if (path.has_parent_path()) create_folder(path.parent_path());
  PartFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace

fs::path plots_folder(const TrainOptions& options) {
  if (options.plots_output) return *options.plots_output;
  if (std::getenv("AZUREML_RUN_ID") != nullptr) return "outputs";
  return options.model_output / "plots";
}

void train_model(const TrainOptions& options) {
  expect_usable(options);
  // A device that was asked for and is not there must not cost a long read first.
  if (options.common.device == Device::cuda) (void)choose_device(Device::cuda, 0, true);
  const Log log(options.common.quiet);
  const int threads = options.common.threads > 0 ? options.common.threads : usable_threads();
  Stopwatch watch;
  Seconds seconds;

  const TrainingData data = read_training_data(csv::open_sources(options.training_data),
                                               options.features, options.label, threads, log);
  seconds.read = watch.lap();
  const Split split = train_test_split(data.rows(), options.test_size, options.random_state);
  seconds.split = watch.lap();

  const DeviceChoice device = device_for(options, data);
  log.say(describe(device));
  const FittedModel fitted = fit_model(data, split, options, threads, device.backend);
  seconds.fit = watch.lap();

  const std::vector<double> decision =
      decisions(data, fitted.fit.coefficients, fitted.fit.intercept, threads);
  expect_no_nan(decision, options.training_data);
  const Part test_part(split.test, data.labels, decision);
  const TestMetrics test = test_metrics(test_part.scores());
  const TrainingMetrics training =
      training_metrics(Part(split.train, data.labels, decision).scores());
  warn_of_weak_points(fitted, test, log);
  seconds.evaluate = watch.lap();

  ModelWriter writer(options.model_output);  // data that are refused leave an older model alone
  draw_pictures(
      {.roc = test.roc,
       .auc = test.auc,
       .confusion = test.confusion,
       .class_names = {class_text(data.labels.classes[0]), class_text(data.labels.classes[1])},
       .precision_recall = precision_recall_curve(test_part.truth, test_part.probability)},
      plots_folder(options));
  seconds.plots = watch.lap();

  const TrainedModel model = as_model(fitted, options, data.labels);
  writer.write(model);
  seconds.write = watch.lap();
  seconds.total = watch.total();
  write_metrics(options.metrics_output.value_or(options.model_output / "metrics.json"),
                metrics_json({.options = options,
                              .model = model,
                              .fitted = fitted,
                              .test = test,
                              .training = training,
                              .n_train = std::ssize(split.train),
                              .n_test = std::ssize(split.test),
                              .device = device,
                              .threads = threads,
                              .seconds = seconds}));
  writer.finish();
  std::cout << "Accuracy: " << python_repr(test.accuracy) << "\nAUC: " << python_repr(test.auc)
            << '\n';
}

}  // namespace gradstep
