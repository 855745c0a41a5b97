#include "steps/train_options.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <system_error>

#include "steps/coefficients_csv.hpp"
#include "steps/cv_results.hpp"
#include "steps/error.hpp"
#include "steps/mlflow/model_writer.hpp"
#include "steps/training_memory.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

bool is_of_the_model(const fs::path& path, const fs::path& model_output) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(path, ignored);
  const std::string name = whole.filename().string();
  return whole.parent_path() == fs::weakly_canonical(model_output, ignored) &&
         (name == coefficients_name || name == cv_results_name ||
          std::ranges::count(ModelWriter::files, name) > 0);
}

// MLflow reads 3.11 as a number and then fails; 3.11.0 it reads as text.
bool has_three_parts(const std::string& version) {
  const bool digits_and_dots = std::all_of(version.begin(), version.end(), [](unsigned char c) {
    return std::isdigit(c) != 0 || c == '.';
  });
  return digits_and_dots && std::count(version.begin(), version.end(), '.') == 2 &&
         version.front() != '.' && version.back() != '.' && version.find("..") == std::string::npos;
}

void expect_usable_for_liblinear(const TrainOptions& options) {
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
  if (weighs_rows(options))
    throw UsageError(std::string("--solver liblinear repeats scikit-learn without weights; ") +
                     (options.weight_column.empty() ? "--class_weight" : "--weight_column") +
                     " does not go with it, but with the other solvers, which find the optimum");
}

void expect_usable_features(const TrainOptions& options) {
  if (options.features.empty())
    throw UsageError(options.weight_column.empty()
                         ? "--features: found '', expected a name or more"
                         : "--features: found none beside '" + options.weight_column +
                               "', which --weight_column takes; expected a name or more");
  expect_each_once("--features", options.features);
  if (!options.weight_column.empty() && options.weight_column == options.label)
    throw UsageError("--weight_column: found '" + options.label + "', which is the label");
}

// Both copy the rows; a GPU's driver and the blocks on their way to it take memory of their own.
void expect_usable_with_memory_limit(const TrainOptions& options) {
  if (options.solver == Solver::liblinear)
    throw UsageError(
        "--solver liblinear keeps the rows in memory; --memory_limit does not go with it");
  if (options.precision != Precision::float64)
    throw UsageError(
        "--precision mixed keeps the features in memory; --memory_limit does not go with it");
  if (options.common.device == Device::cuda)
    throw UsageError(
        "--device cuda keeps more in memory than is counted; --memory_limit does not go with it");
  expect_room_for_features(options.memory_limit, std::ssize(options.features));
}

// Their models are fitted together by the one solver that can.
void expect_usable_with_reg_rates(const TrainOptions& options) {
  if (options.solver != Solver::gradient_descent)
    throw UsageError(std::string("--solver ") + name_of(options.solver) +
                     " fits one model at a time; --reg_rates does not go with it");
  if (options.precision != Precision::float64)
    throw UsageError("--precision mixed does not go with --reg_rates");
  if (options.memory_limit > 0)
    throw UsageError(
        "--reg_rates keeps the features in memory; --memory_limit does not go with it, but with a "
        "--reg_rate, such as one that was chosen on some of the rows");
}

}  // namespace

const char* name_of(Solver solver) {
  switch (solver) {
    case Solver::gradient_descent:
      return "gradient-descent";
    case Solver::newton:
      return "newton";
    case Solver::liblinear:
      return "liblinear";
  }
  return "";
}

const char* name_of(Precision precision) {
  return precision == Precision::float64 ? "float64" : "mixed";
}

const char* name_of(Criterion criterion) {
  switch (criterion) {
    case Criterion::auc:
      return "auc";
    case Criterion::accuracy:
      return "accuracy";
    case Criterion::log_loss:
      return "log_loss";
  }
  return "";
}

bool weighs_rows(const TrainOptions& options) {
  return options.class_weight.weighting != ClassWeighting::none || !options.weight_column.empty();
}

TrainOptions without_weight_among_features(TrainOptions options) {
  std::erase(options.features, options.weight_column);
  return options;
}

void expect_usable(const TrainOptions& options) {
  if (options.training_data.empty())
    throw UsageError("--training_data: found '', expected a path or -");
  if (options.model_output.empty()) throw UsageError("--model_output: found '', expected a folder");
  if (options.metrics_output && is_of_the_model(*options.metrics_output, options.model_output))
    throw UsageError("--metrics_output: found '" + options.metrics_output->string() +
                     "', which is one of the model's own files");
  expect_usable_features(options);
  if (!std::isfinite(1 / options.reg_rate))
    throw UsageError("--reg_rate: found a number so small that its inverse, C, is infinite");
  if (!has_three_parts(options.python_version)) {
    throw UsageError("--python_version: found '" + options.python_version +
                     "', expected a version with three parts, such as 3.11.14");
  }
  if (options.solver == Solver::liblinear) expect_usable_for_liblinear(options);
  if (options.path) expect_usable_with_reg_rates(options);
  if (options.memory_limit > 0) expect_usable_with_memory_limit(options);
}

}  // namespace gradstep
