#include "steps/metrics_report.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <sstream>

#include "steps/json_values.hpp"

namespace gradstep {
namespace {

template <class T>
std::string printed(const T& value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

// The names of the lab's run in MLflow, but for the two that the lab only prints.
Json mlflow_metrics(const TestMetrics& test, const TrainingMetrics& training) {
  return {{"Accuracy", test.accuracy},
          {"AUC", test.auc},
          {"training_precision_score", training.weighted.precision},
          {"training_recall_score", training.weighted.recall},
          {"training_f1_score", training.weighted.f1},
          {"training_accuracy_score", training.accuracy},
          {"training_log_loss", training.log_loss},
          {"training_roc_auc", training.auc},
          {"training_score", training.accuracy}};
}

Json scores_json(const FoldScores& scores) {
  return {
      {"mean", scores.mean}, {"standard_error", scores.standard_error}, {"folds", scores.of_fold}};
}

Json cross_validation_json(const CrossValidation& found, const PathOptions& path,
                           const TrainOptions& options) {
  Json rates = Json::array();
  for (const RateScores& rate : found.rates)
    rates.push_back({{"reg_rate", rate.reg_rate},
                     {"auc", scores_json(rate.auc)},
                     {"accuracy", scores_json(rate.accuracy)},
                     {"log_loss", scores_json(rate.log_loss)},
                     {"coefficients", rate.coefficients},
                     {"intercept", rate.intercept}});
  return {{"folds", path.folds},
          {"stratified", path.stratified},
          {"random_state", options.random_state},
          {"selection", name_of(path.selection)},
          {"one_standard_error", path.one_standard_error},
          {"chosen_reg_rate", found.chosen_rate()},
          {"best_reg_rate", found.rates[found.choice.best].reg_rate},
          {"models", found.models},
          {"unconverged_models", found.unconverged},
          {"rates", rates}};
}

Json seconds_json(const Seconds& seconds) {
  return {{"read", seconds.read},         {"split", seconds.split}, {"fit", seconds.fit},
          {"evaluate", seconds.evaluate}, {"plots", seconds.plots}, {"write", seconds.write},
          {"track", seconds.track},       {"total", seconds.total}};
}

/// What the fits of all classes come to as one, but for the coefficients.
Fit joint_fit(const FittedModel& fitted) {
  Fit joint = fitted.classes.front().fit;
  double squares = joint.gradient_norm * joint.gradient_norm;
  for (const FittedClass& found : std::span(fitted.classes).subspan(1)) {
    const Fit& fit = found.fit;
    joint.iterations = std::max(joint.iterations, fit.iterations);
    joint.passes += fit.passes;
    joint.hessians += fit.hessians;
    joint.sample_reads += fit.sample_reads;
    squares += fit.gradient_norm * fit.gradient_norm;
    joint.gradient_norm = std::sqrt(squares);
    if (joint.converged) joint.stop_reason = fit.stop_reason;
    joint.converged = joint.converged && fit.converged;
  }
  return joint;
}

/// The coefficients and the intercept of two classes, or of each of more.
void add_coefficients(Json& json, const std::vector<FittedClass>& classes) {
  if (classes.size() == 1) {
    json["coefficients"] = classes.front().fit.coefficients;
    json["intercept"] = classes.front().fit.intercept;
    return;
  }
  for (const FittedClass& found : classes) {
    json["coefficients"].push_back(found.fit.coefficients);
    json["intercepts"].push_back(found.fit.intercept);
  }
}

}  // namespace

std::string metrics_json(const TrainReport& report) {
  const TestMetrics& test = report.test;
  const Fit fit = joint_fit(report.fitted);
  const TrainOptions& options = report.options;
  const std::string& kernel = report.fitted.liblinear_kernel;
  const std::string& weight = options.weight_column;
  Json json = {
      {"schema_version", 1},       {"accuracy", test.accuracy},          {"auc", test.auc},
      {"log_loss", test.log_loss}, {"confusion_matrix", test.confusion},
  };
  add_coefficients(json, report.fitted.classes);
  json.update({
      {"feature_names", report.model.feature_names},
      {"classes", to_json_value(report.model.classes)},
      {"n_train", report.n_train},
      {"n_test", report.n_test},
      {"iterations", fit.iterations},
      {"passes", fit.passes},
      {"hessians", fit.hessians},
      {"sample_reads", fit.sample_reads},
      {"converged", fit.converged},
      {"stop_reason", printed(fit.stop_reason)},
      {"gradient_norm", fit.gradient_norm},
      {"solver", report.model.solver},
      {"liblinear_kernel", kernel.empty() ? Json() : Json(kernel)},
      {"penalize_intercept", options.penalize_intercept},
      {"class_weights", report.class_weights.of_class},
      {"weight_column", weight.empty() ? Json() : Json(weight)},
      {"reg_rate", options.reg_rate},
      {"tolerance", report.fitted.tolerance},
      {"precision", name_of(options.precision)},
      {"device", report.device.kind()},
      {"device_name", report.device.name},
      {"device_reason", report.device.reason},
      {"isa", GRADSTEP_MARCH},
      {"threads", report.threads},
      {"metrics", mlflow_metrics(test, report.training)},
      {"seconds", seconds_json(report.seconds)},
  });
  if (!report.class_weights.of_others.empty())
    json["other_class_weights"] = report.class_weights.of_others;
  if (report.cross_validation && options.path) {
    json["cross_validation"] =
        cross_validation_json(*report.cross_validation, *options.path, options);
    json["seconds"]["cross_validate"] = report.seconds.cross_validate;
  }
  return to_text(json);
}

}  // namespace gradstep
