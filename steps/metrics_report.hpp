#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "steps/cross_validation.hpp"
#include "steps/device_choice.hpp"
#include "steps/fit_model.hpp"
#include "steps/metrics.hpp"
#include "steps/mlflow/trained_model.hpp"
#include "steps/train_options.hpp"

namespace gradstep {

/// Wall-clock time of the parts of train-model. metrics.json itself and the marker are written
/// afterwards and not counted. track is 0 until the run has been tracked.
struct Seconds {
  double read = 0;
  double split = 0;
  double cross_validate = 0;  ///< written with a cross-validation only
  double fit = 0;
  double evaluate = 0;
  double plots = 0;
  double write = 0;
  double track = 0;
  double total = 0;
};

/// All that metrics.json says.
struct TrainReport {
  explicit TrainReport(const TrainOptions& given) : options(given) {}

  TrainOptions options;  ///< whose reg_rate is the one chosen, where there was a choice
  std::optional<CrossValidation> cross_validation;
  TrainedModel model;
  FittedModel fitted;
  ClassWeights class_weights;  ///< of model.classes
  TestMetrics test;
  TrainingMetrics training;
  std::int64_t n_train = 0;
  std::int64_t n_test = 0;
  DeviceChoice device;
  int threads = 1;
  Seconds seconds;
};

/// The text of metrics.json, schema_version 1. Numbers read back to the same bits; NaN is null.
/// With three classes and more coefficients has a row for each and intercept is `intercepts`;
/// iterations is the most of a class, passes, hessians and sample_reads are sums, and gradient_norm
/// is that of all gradients as one.
[[nodiscard]] std::string metrics_json(const TrainReport& report);

}  // namespace gradstep
