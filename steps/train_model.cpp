#include "steps/train_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "steps/available_memory.hpp"
#include "steps/csv/source.hpp"
#include "steps/csv/temporary_file.hpp"
#include "steps/cv_results.hpp"
#include "steps/device_choice.hpp"
#include "steps/error.hpp"
#include "steps/fit_model.hpp"
#include "steps/log.hpp"
#include "steps/metrics_report.hpp"
#include "steps/mlflow/dataset_digest.hpp"
#include "steps/mlflow/model_writer.hpp"
#include "steps/mlflow/prep_scaler.hpp"
#include "steps/plot/draw_pictures.hpp"
#include "steps/python_repr.hpp"
#include "steps/scored_rows.hpp"
#include "steps/signals.hpp"
#include "steps/standard_output.hpp"
#include "steps/stopwatch.hpp"
#include "steps/threads.hpp"
#include "steps/tracking/run_context.hpp"
#include "steps/tracking/track.hpp"
#include "steps/training_files.hpp"
#include "steps/training_memory.hpp"
#include "steps/training_record.hpp"
#include "steps/training_warnings.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

void expect_registry(const std::optional<TrackingSettings>& tracking) {
  if (!tracking) {
    throw UsageError(
        "--register_model needs an MLflow server; set MLFLOW_TRACKING_URI, without --tracking off");
  }
  if (tracking->azure) {
    throw UsageError(
        "--register_model: Azure ML registers models from a job's output (az ml model create "
        "--type "
        "mlflow_model --path azureml://jobs/<job>/outputs/<output>)");
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
  if (options.memory_limit > 0) {
    DeviceChoice choice = choose_device(Device::cpu, 0);
    if (options.common.device == Device::automatic)
      choice.reason = "--memory_limit does not count what a GPU's driver keeps in memory";
    return choice;
  }
  const std::int64_t cells = data.rows() * std::ssize(data.features);
  return choose_device(options.common.device, cells * 8, true);
}

std::vector<std::vector<double>> first_rows(const TrainingData& data) {
  std::vector<std::vector<double>> rows;
  for (std::int64_t row = 0; row < std::min<std::int64_t>(data.rows(), 5); ++row) {
    rows.emplace_back();
    for (const double* const feature : data.features) rows.back().push_back(feature[row]);
  }
  return rows;
}

std::vector<ClassModel> class_models(const FittedModel& fitted) {
  std::vector<ClassModel> models;
  models.reserve(fitted.classes.size());
  for (const FittedClass& found : fitted.classes)
    models.push_back({found.fit.coefficients, found.fit.intercept});
  return models;
}

TrainedModel as_model(const TrainReport& report, const TrainingData& data, const Split& split) {
  const TrainOptions& options = report.options;
  const FittedModel& fitted = report.fitted;
  TrainedModel model;
  model.feature_names = options.features;
  model.models = class_models(fitted);
  model.classes = data.labels.classes;
  model.feature_types = data.feature_types;
  model.example = first_rows(data);
  model.solver = name_of(options.solver);
  model.reg_rate = options.reg_rate;
  model.tolerance = fitted.tolerance;
  model.max_iterations = fitted.max_iterations;
  for (const FittedClass& found : fitted.classes) model.iterations.push_back(found.fit.iterations);
  model.penalize_intercept = options.penalize_intercept;
  model.class_weighting = options.class_weight.weighting;
  model.class_weights = report.class_weights.of_class;
  model.device = report.device.kind();
  model.dataset_digest = dataset_digest(data, split.train, true);
  model.python_version = options.python_version;
  return model;
}

/// Numbers near the ends of double's range can overflow on the way to a decision.
void expect_no_nan(const ClassColumns& decisions, const std::string& input) {
  const auto is_nan = [](double z) { return std::isnan(z); };
  for (const std::vector<double>& decision : decisions)
    if (std::ranges::any_of(decision, is_nan))
      throw DataError(
          input + ": the features are too large to compute with in double precision; scale them");
}

// Files in memory would hold what is to be kept out of it; and a disk can fail later, or be full
// where it copies on write.
void prepare_for_columns_on_disk() {
  const fs::path folder = fs::temp_directory_path();
  if (csv::is_in_memory(folder))
    throw UsageError("--memory_limit: " + folder.string() +
                     ", where the columns would go, is kept in memory (tmpfs); let TMPDIR name a "
                     "folder on a disk");
  install_lost_page_handler("train-model: error: cannot read or write a temporary file in '" +
                            folder.string() + "': the disk is full or failing");
}

/// What the limit leaves to the fit, where there is one. Says so.
MemoryShare memory_share(const TrainReport& report, bool tracked, const Log& log) {
  const TrainOptions& options = report.options;
  if (options.memory_limit == 0) return {report.threads, 0};
  const TrainingSize size{.rows = report.n_train + report.n_test,
                          .cols = std::ssize(options.features),
                          .train_rows = report.n_train,
                          .threads = report.threads,
                          .tracked = tracked,
                          .weighted = weighs_rows(options),
                          .classes = std::ssize(report.class_weights.of_class)};
  const MemoryShare share = share_memory(options.memory_limit, size);
  const std::int64_t all = size.rows * size.cols * 8;
  log.say("columns: " + size_text(all) + " in " + fs::temp_directory_path().string() + ", " +
          size_text(std::min(all, share.resident_bytes)) + " of them in memory, too");
  if (share.threads < report.threads)
    log.say("threads: " + std::to_string(share.threads) + " of " + std::to_string(report.threads) +
            " fit, for --memory_limit has no room for more");
  return share;
}

void expect_two_classes(const Labels& labels, const std::string& column) {
  if (labels.classes.size() > 2)
    throw DataError("column '" + column + "' is the label and has " +
                    std::to_string(labels.classes.size()) +
                    " classes; --reg_rates chooses a rate for two, so give one by --reg_rate");
}

/// Lets cross-validation choose the rate.
void choose_rate(TrainReport& report, const PathOptions& path, const TrainingData& data,
                 const RowBlocks& rows, const Split& split, const Log& log) {
  CrossValidation found = cross_validate(data, rows, split, path, report.options, report.threads,
                                         report.device.backend);
  report.options.reg_rate = found.chosen_rate();
  log.say("cross-validation: " + std::to_string(found.rates.size()) + " rates, " +
          std::to_string(path.folds) + " folds, " + std::to_string(found.models) +
          " models; chosen by " + name_of(path.selection) + ": " +
          python_repr(found.chosen_rate()));
  warn_of_weak_choice(found, path, log);
  report.cross_validation = std::move(found);
}

TrainingData read_rows(const TrainReport& report, const std::optional<ScalerOfData>& scaler,
                       const Log& log) {
  const TrainOptions& options = report.options;
  const bool on_disk = options.memory_limit > 0;
  if (on_disk) prepare_for_columns_on_disk();
  const auto sources = csv::open_sources(options.training_data);
  expect_data_kept(options, sources);
  TrainingData data = read_training_data(
      sources, {options.features, options.label, options.weight_column}, report.threads, log,
      on_disk ? csv::CellPlace::temporary_file : csv::CellPlace::memory);
  if (scaler) expect_scaled_rows(*scaler, options.training_data, data.features, data.rows());
  return data;
}

/// Chooses the rate where there is a choice, and fits. @return  the decisions of all rows
ClassColumns fit(TrainReport& report, TrainingData& data, const Split& split,
                 const MemoryShare& share, const Log& log, Stopwatch& watch) {
  const TrainOptions& options = report.options;
  const std::unique_ptr<RowBlocks> rows = data.row_blocks(share.resident_bytes);
  if (options.path) {
    expect_two_classes(data.labels, options.label);
    choose_rate(report, *options.path, data, *rows, split, log);
    report.seconds.cross_validate = watch.lap();
  }
  expect_room_for_classes(std::ssize(data.labels.classes), std::ssize(data.features),
                          available_memory());
  weigh_classes(report.class_weights, data.labels, data.row_weight);
  report.fitted = fit_model(data, *rows, split, report.class_weights, options, share.threads,
                            report.device.backend);
  report.seconds.fit = watch.lap();
  ClassColumns decision = decisions(*rows, class_models(report.fitted), share.threads);
  expect_no_nan(decision, options.training_data);
  return decision;
}

struct WrittenPictures {
  PictureFiles of_test;
  std::optional<CrossValidationFiles> of_path;
};

WrittenPictures write_all_pictures(const TrainReport& report, const ScoredRows& test_rows,
                                   const Labels& labels) {
  const TrainOptions& options = report.options;
  WrittenPictures written{draw_pictures(test_rows, report.test.roc, labels), {}};
  write_pictures(written.of_test, plots_folder(options));
  if (report.cross_validation && options.path) {
    written.of_path =
        cross_validation_files(*report.cross_validation, *options.path, options.features);
    write_cross_validation(*written.of_path, options.model_output, plots_folder(options));
  } else {
    remove_cross_validation(options.model_output, plots_folder(options));
  }
  return written;
}

/// Trains, and writes everything. @param record  gets the results when there is `tracking`
TrainReport train(const TrainOptions& given, const Log& log, Stopwatch& watch,
                  const std::optional<TrackingSettings>& tracking, RunRecord& record) {
  TrainReport report(given);
  const TrainOptions& options = report.options;
  report.threads = options.common.threads > 0 ? options.common.threads : usable_threads();

  std::optional<ScalerOfData> scaler;
  if (options.include_scaler) scaler = read_scaler(options.training_data, options.features);
  TrainingData data = read_rows(report, scaler, log);
  report.seconds.read = watch.lap();
  const Split split = train_test_split(data.rows(), options.test_size, options.random_state);
  report.n_train = std::ssize(split.train);
  report.n_test = std::ssize(split.test);
  report.class_weights =
      class_weights(options.class_weight, data.labels, split.train, data.row_weight);
  report.seconds.split = watch.lap();

  report.device = device_for(options, data);
  log.say(describe(report.device));
  const MemoryShare share = memory_share(report, tracking.has_value(), log);
  const ClassColumns decision = fit(report, data, split, share, log, watch);
  report.training = training_metrics(ScoredRows(split.train, data.labels, decision).scores());
  const ScoredRows test_rows(split.test, data.labels, decision);
  report.test = test_metrics(test_rows.scores());
  warn_of_weak_fits(report.fitted, data.labels, log);
  warn_of_absent_classes(report.test, data.labels, log);
  report.seconds.evaluate = watch.lap();

  ModelWriter writer(options.model_output);  // data that are refused leave an older model alone
  const WrittenPictures pictures = write_all_pictures(report, test_rows, data.labels);
  report.seconds.plots = watch.lap();

  report.model = as_model(report, data, split);
  if (scaler) include_scaler(*scaler, report.model);
  writer.write(report.model);
  const std::string coefficients = write_coefficients(report);
  report.seconds.write = watch.lap();
  report.seconds.total = watch.total();
  write_metrics(report);
  writer.finish();
  watch.lap();
  if (tracking) {
    add_results(record, tracking->user, report, data, split);
    add_pictures(record, pictures.of_test, ScoredRows(split.train, data.labels, decision),
                 data.labels);
    add_coefficients(record, coefficients);
    if (pictures.of_path) add_cross_validation(record, report, *pictures.of_path);
    add_model(record, writer, options);
  }
  return report;
}

}  // namespace

fs::path plots_folder(const TrainOptions& options) {
  if (options.plots_output) return *options.plots_output;
  if (std::getenv("AZUREML_RUN_ID") != nullptr) return "outputs";
  return options.model_output / "plots";
}

void train_model(const TrainOptions& given) {
  const TrainOptions options = without_weight_among_features(given);
  expect_usable(options);
  // A device that was asked for and is not there must not cost a long read first.
  if (options.common.device == Device::cuda) (void)choose_device(Device::cuda, 0, true);
  const Log log(options.common.quiet);
  if (options.features.size() < given.features.size())
    log.say("features: without '" + options.weight_column + "', which holds the weights");
  const std::optional<TrackingSettings> tracking = tracking_settings(
      options.tracking, process_environment(), [&log](const std::string& line) { log.warn(line); });
  if (!options.register_model.empty()) expect_registry(tracking);
  Stopwatch watch;
  RunRecord record = started_training(options);
  TrainReport report = with_failure_told(
      tracking, record, log, [&] { return train(options, log, watch, tracking, record); });
  // Now: a signal may end the wait for the server.
  if (options.path)
    std::cout << "Regularization rate: " << python_repr(report.options.reg_rate) << '\n';
  std::cout << "Accuracy: " << python_repr(report.test.accuracy)
            << "\nAUC: " << python_repr(report.test.auc) << '\n';
  flush_standard_output();
  if (!tracking) return;
  track(*tracking, record, log);
  write_tracking_time(report, watch);
}

}  // namespace gradstep
