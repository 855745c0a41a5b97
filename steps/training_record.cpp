#include "steps/training_record.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "steps/class_weight.hpp"
#include "steps/coefficients_csv.hpp"
#include "steps/mlflow/dataset_digest.hpp"
#include "steps/python_repr.hpp"
#include "steps/tracking/request_json.hpp"
#include "steps/tracking/run_context.hpp"
#include "steps/version.hpp"

namespace gradstep {
namespace {

constexpr std::size_t most_candidates = 5;  // autologging's max_tuning_runs

KeyValues::value_type regularization_rate(double rate) {
  return {"Regularization rate", python_repr(rate)};
}

const char* python_bool(bool value) { return value ? "True" : "False"; }

std::string python_text(const ClassValue& value) {
  std::string text = class_text(value);
  if (!std::holds_alternative<std::string>(value)) return text;
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

// Weights by label mean nothing to one class against the others: scikit-learn has them as weights
// of rows there.
std::string class_weight(const TrainedModel& model) {
  if (model.class_weighting == ClassWeighting::by_label && model.classes.size() > 2) return "None";
  switch (model.class_weighting) {
    case ClassWeighting::none:
      return "None";
    case ClassWeighting::balanced:
      return "balanced";
    case ClassWeighting::by_label:
      break;
  }
  std::ostringstream dict;
  for (std::size_t k = 0; k < model.classes.size(); ++k)
    dict << (k == 0 ? "{" : ", ") << python_text(model.classes[k]) << ": "
         << python_repr(model.class_weights[k]);
  return dict.str() + '}';
}

// get_params() of the estimator that the lab fits, under scikit-learn 1.9's names and in its order.
KeyValues logistic_regression_params(const TrainReport& report, double rate) {
  return {{"C", python_repr(1 / rate)},
          {"class_weight", class_weight(report.model)},
          {"dual", "False"},
          {"fit_intercept", "True"},
          {"intercept_scaling", "1"},
          {"l1_ratio", "0.0"},
          {"max_iter", std::to_string(report.fitted.max_iterations)},
          {"n_jobs", "None"},
          {"penalty", "deprecated"},
          {"random_state", "None"},
          {"solver", report.model.solver},
          {"tol", python_repr(report.fitted.tolerance)},
          {"verbose", "0"},
          {"warm_start", "False"}};
}

/// As scikit-learn prints an estimator: with the parameters that are not its defaults.
std::string python_text(const KeyValues& params) {
  const KeyValues defaults = {{"C", "1.0"},
                              {"class_weight", "None"},
                              {"max_iter", "100"},
                              {"solver", "lbfgs"},
                              {"tol", "0.0001"}};
  std::string text;
  for (const auto& [name, usual] : defaults) {
    const auto given = std::ranges::find(params, name, &KeyValues::value_type::first);
    if (given->second == usual) continue;
    const char* const quote = name == "solver" || given->second == "balanced" ? "'" : "";
    if (!text.empty()) text += ", ";
    text.append(name).append("=").append(quote).append(given->second).append(quote);
  }
  return "LogisticRegression(" + text + ')';
}

// Those of OneVsRestClassifier where there are three classes or more.
KeyValues estimator_params(const TrainReport& report, double rate) {
  KeyValues inner = logistic_regression_params(report, rate);
  if (report.model.classes.size() == 2) return inner;
  KeyValues params;
  params.reserve(inner.size() + 3);
  for (const auto& [name, value] : inner) params.emplace_back("estimator__" + name, value);
  params.emplace_back("estimator", python_text(inner));
  params.emplace_back("n_jobs", "None");
  params.emplace_back("verbose", "0");
  return params;
}

void add_estimator_tags(RunRecord& record, const TrainedModel& model) {
  const bool two = model.classes.size() == 2;
  record.tags.emplace_back("estimator_name", two ? "LogisticRegression" : "OneVsRestClassifier");
  record.tags.emplace_back("estimator_class",
                           two ? "sklearn.linear_model._logistic.LogisticRegression"
                               : "sklearn.multiclass.OneVsRestClassifier");
}

KeyValues own_params(const TrainReport& report) {
  const TrainOptions& options = report.options;
  return {{"penalize_intercept", python_bool(options.penalize_intercept)},
          {"include_scaler", python_bool(options.include_scaler)},
          {"precision", name_of(options.precision)},
          {"test_size", python_repr(options.test_size)},
          {"split_random_state", std::to_string(options.random_state)},
          {"label", options.label},
          {"weight_column", options.weight_column.empty() ? "None" : options.weight_column},
          {"device", report.device.kind()}};
}

std::string tensor(const char* dtype, const Json& shape) {
  return compact_text(
      Json::array({{{"type", "tensor"}, {"tensor-spec", {{"dtype", dtype}, {"shape", shape}}}}}));
}

std::int64_t bytes_of(std::string_view dtype) { return dtype == "bool" ? 1 : 8; }

// MLflow's NumpyDataset.
DatasetInput dataset(const std::string& source, const TrainingData& data,
                     const std::vector<std::int64_t>& rows, bool targets) {
  const std::int64_t n = std::ssize(rows);
  const std::int64_t d = std::ssize(data.features);
  Json profile{{"features_shape", {n, d}},
               {"features_size", n * d},
               {"features_nbytes", bytes_of(dtype_of_features(data)) * n * d}};
  Json spec{{"features", tensor(dtype_of_features(data), {-1, d})}, {"targets", nullptr}};
  if (targets) {
    profile.update(Json{{"targets_shape", {n}},
                        {"targets_size", n},
                        {"targets_nbytes", bytes_of(dtype_of_targets(data)) * n}});
    spec["targets"] = tensor(dtype_of_targets(data), Json::array({-1}));
  }
  return {.name = "dataset",
          .digest = dataset_digest(data, rows, targets),
          .context = targets ? "train" : "eval",
          .source_type = "code",
          .source = source,
          .schema = compact_text({{"mlflow_tensorspec", spec}}),
          .profile = compact_text(profile)};
}

constexpr std::size_t training = 0;  // among a record's data sets
constexpr std::size_t test = 1;

/// What the training rows count, all together.
double training_weight(const TrainingData& data, const Split& split) {
  const auto of_class = weight_by_class(data.labels, split.train, data.row_weight);
  return std::accumulate(of_class.begin(), of_class.end(), 0.0);
}

// At most about 450 points, the last among them: with the other metrics they fit into one request.
void add_curve(std::vector<LoggedMetric>& metrics, const std::vector<CurvePoint>& curve,
               double weight) {
  const std::size_t stride = (curve.size() + 449) / 450;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    if (i % stride != 0 && i + 1 != curve.size()) continue;
    const CurvePoint& point = curve[i];
    metrics.push_back({"loss", point.objective / weight, point.iteration});
    metrics.push_back({"gradient_norm", point.gradient_norm, point.iteration});
  }
}

KeyValues path_params(const CrossValidation& found, const PathOptions& path) {
  std::string rates;
  for (const double rate : path.reg_rates) rates.append(python_repr(rate)).append(1, ',');
  rates.pop_back();
  const double best = found.rates[found.choice.best].reg_rate;
  return {{"reg_rates", rates},
          {"folds", std::to_string(path.folds)},
          {"stratified", python_bool(path.stratified)},
          {"selection", name_of(path.selection)},
          {"one_standard_error", python_bool(path.one_standard_error)},
          {"best_reg_rate", python_repr(best)},
          {"best_C", python_repr(1 / best)}};
}

// What autologging says of a candidate of GridSearchCV.
ChildRun candidate(const TrainReport& report, const CvResult& result,
                   const CrossValidation& found) {
  const double rate = found.rates[result.rate].reg_rate;
  ChildRun child;
  child.name = "reg_rate=" + python_repr(rate);
  child.params = estimator_params(report, rate);
  child.params.push_back(regularization_rate(rate));
  child.metrics.reserve(result.numbers.size());
  for (const auto& [key, value] : result.numbers)
    child.metrics.push_back({key, value, 0, training});
  child.of_model = result.rate == found.choice.chosen;
  return child;
}

}  // namespace

RunRecord started_training(const TrainOptions& options) {
  RunRecord record = started_run("train-model");
  if (!options.path) record.params = {regularization_rate(options.reg_rate)};
  return record;
}

void add_results(RunRecord& record, const std::string& user, const TrainReport& report,
                 const TrainingData& data, const Split& split) {
  const double rate = report.options.reg_rate;
  if (report.options.path) record.params.push_back(regularization_rate(rate));
  for (const KeyValues& more : {estimator_params(report, rate), own_params(report)}) {
    record.params.insert(record.params.end(), more.begin(), more.end());
  }
  add_estimator_tags(record, report.model);
  const WeightedScores& weighted = report.training.weighted;
  record.metrics = {{"training_precision_score", weighted.precision, 0, training},
                    {"training_recall_score", weighted.recall, 0, training},
                    {"training_f1_score", weighted.f1, 0, training},
                    {"training_accuracy_score", report.training.accuracy, 0, training},
                    {"training_log_loss", report.training.log_loss, 0, training},
                    {"training_roc_auc", report.training.auc, 0, training},
                    {"training_score", report.training.accuracy, 0, training},
                    {"Accuracy", report.test.accuracy, 0, test},
                    {"AUC", report.test.auc, 0, test},
                    {"log_loss", report.test.log_loss, 0, test}};
  add_curve(record.metrics, joint_curve(report.fitted), training_weight(data, split));
  const std::string source = code_source(record.program, user);
  record.datasets = {dataset(source, data, split.train, true),
                     dataset(source, data, split.test, false)};
}

void add_pictures(RunRecord& record, const PictureFiles& test, const ScoredRows& training_rows,
                  const Labels& labels) {
  const PictureFiles training =
      draw_pictures(training_rows, roc_curves(training_rows.scores()), labels);
  record.artifacts = {{"ROC-Curve.png", test.roc},
                      {"Confusion-Matrix.png", test.confusion},
                      {"Precision-Recall-Curve.png", test.precision_recall},
                      {"training_roc_curve.png", training.roc},
                      {"training_confusion_matrix.png", training.confusion},
                      {"training_precision_recall_curve.png", training.precision_recall}};
}

void add_cross_validation(RunRecord& record, const TrainReport& report,
                          const CrossValidationFiles& files) {
  if (!report.cross_validation || !report.options.path) return;
  const CrossValidation& found = *report.cross_validation;
  const PathOptions& path = *report.options.path;
  const KeyValues asked_and_found = path_params(found, path);
  record.params.insert(record.params.end(), asked_and_found.begin(), asked_and_found.end());
  record.metrics.push_back({"best_cv_score", best_cv_score(found, path.selection), 0, training});
  for (const CvResult& result : best_cv_results(found, path.selection, most_candidates))
    record.children.push_back(candidate(report, result, found));
  record.artifacts.push_back({cv_results_name, files.table});
  record.artifacts.push_back({cross_validation_name, files.pictures.cross_validation});
  record.artifacts.push_back({coefficient_path_name, files.pictures.coefficient_path});
}

void add_coefficients(RunRecord& record, const std::string& table) {
  record.artifacts.push_back({coefficients_name, table});
}

void add_model(RunRecord& record, const ModelWriter& writer, const TrainOptions& options) {
  record.model = ModelRecord{
      .name = "model",
      .folder = writer.folder(),
      .files = {ModelWriter::files.begin(), ModelWriter::files.end() - 1},
      .mlmodel = [writer](const ModelOrigin& origin) { return writer.marker_text(origin); },
      .register_as = options.register_model};
}

}  // namespace gradstep
