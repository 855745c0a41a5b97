#include "steps/fit_model.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "kernels/coefficient_variance.hpp"
#include "kernels/core/error.hpp"
#include "kernels/gradient_descent.hpp"
#include "kernels/liblinear.hpp"
#include "kernels/newton.hpp"
#include "kernels/row_blocks.hpp"
#include "kernels/solver_state.hpp"

namespace gradstep {
namespace {

void expect_every_class(const Labels& labels, const std::vector<std::int64_t>& rows) {
  const std::vector<double> counts = weight_by_class(labels, rows, {});
  const auto absent = std::ranges::find(counts, 0.0);
  if (absent == counts.end()) return;
  const std::string found = "the " + std::to_string(rows.size()) + " training rows are ";
  const auto k = static_cast<std::size_t>(absent - counts.begin());
  if (counts.size() == 2)
    throw DataError(found + "all of one class, " + class_text(labels.classes[1 - k]) +
                    "; the other one is in the test rows only");
  throw DataError(found + "none of class " + class_text(labels.classes[k]) +
                  ", which is in the test rows only");
}

/// Fold 0 for the training rows, -1 for the test rows, which train no model.
std::vector<std::int32_t> folds(std::int64_t rows, const std::vector<std::int64_t>& test) {
  std::vector<std::int32_t> fold_of_row(static_cast<std::size_t>(rows), 0);
  for (const std::int64_t row : test) fold_of_row[static_cast<std::size_t>(row)] = -1;
  return fold_of_row;
}

/// Adds where a model stands, once a step.
void add_point(std::vector<CurvePoint>& curve, const ModelState& model) {
  if (!std::isfinite(model.objective)) return;  // before the first read
  if (!curve.empty() && curve.back().iteration == model.iterations) return;
  double squares = 0;
  for (const double g : model.gradient) squares += g * g;
  curve.push_back({model.iterations, model.objective, std::sqrt(squares)});
}

/// A model for the second class of two, or for each of more, against the others.
std::vector<Model> models_of_classes(std::size_t classes, const ClassWeights& weights,
                                     double reg_rate) {
  if (classes == 2) return {{.reg = reg_rate}};
  std::vector<Model> models;
  models.reserve(classes);
  for (std::size_t k = 0; k < classes; ++k) {
    Model& model =
        models.emplace_back(Model{.reg = reg_rate, .positive_class = static_cast<int>(k)});
    if (!weights.of_others.empty())
      model.class_weights = {weights.of_others[k], weights.of_class[k]};
  }
  return models;
}

/// What is to be minimised for each class, and what its spans show.
class TrainingProblem {
 public:
  TrainingProblem(const RowBlocks& rows, const TrainingData& data, const Split& split,
                  const ClassWeights& weights, const TrainOptions& options)
      : fold_of_row_(folds(rows.rows(), split.test)),
        models_(models_of_classes(data.labels.classes.size(), weights, options.reg_rate)),
        problem_{.rows = &rows,
                 .class_of_row = data.labels.class_of_row,
                 .fold_of_row = fold_of_row_,
                 .row_weight = data.row_weight,
                 .models = models_,
                 .penalize_intercept = options.penalize_intercept} {}
  TrainingProblem(const TrainingProblem&) = delete;
  TrainingProblem& operator=(const TrainingProblem&) = delete;
  ~TrainingProblem() = default;

  [[nodiscard]] const LogisticProblem& get() const { return problem_; }

 private:
  std::vector<std::int32_t> fold_of_row_;
  std::vector<Model> models_;
  LogisticProblem problem_;
};

FittedModel fit_in_file_order(const RowBlocks& rows, const TrainingData& data, const Split& split,
                              const ClassWeights& weights, const TrainOptions& options, int threads,
                              Backend backend) {
  const TrainingProblem problem(rows, data, split, weights, options);
  const SolverOptions solver = solver_options(options, threads, backend);
  FittedModel fitted;
  fitted.tolerance = solver.tolerance;
  fitted.max_iterations = solver.max_iterations;
  fitted.classes.resize(problem.get().models.size());
  const AfterPass after_pass = [&fitted](const SolverState& state) {
    for (std::size_t k = 0; k < fitted.classes.size(); ++k)
      add_point(fitted.classes[k].curve, state.models[k]);
    return true;
  };
  const auto solve = options.solver == Solver::newton ? newton : gradient_descent;
  std::vector<Fit> fits = solve(problem.get(), solver, nullptr, after_pass);
  for (std::size_t k = 0; k < fits.size(); ++k) {
    FittedClass& found = fitted.classes[k];
    found.fit = std::move(fits[k]);
    if (found.fit.converged)
      found.variances =
          coefficient_variances(problem.get(), static_cast<int>(k), found.fit, solver);
  }
  return fitted;
}

FittedModel fit_with_float32(const TrainingData& data, const Split& split,
                             const ClassWeights& weights, const TrainOptions& options, int threads,
                             Backend backend) {
  const auto n = static_cast<std::size_t>(data.rows());
  std::vector<std::vector<float>> values;
  std::vector<const float*> columns;
  for (std::size_t c = 0; c < data.features.size(); ++c) {
    const double* const column = data.features[c];
    const auto too_large = [](double value) {
      return std::abs(value) > static_cast<double>(std::numeric_limits<float>::max());
    };
    if (std::any_of(column, column + n, too_large))
      throw DataError("column '" + options.features[c] +
                      "' holds numbers too large for --precision mixed; use float64");
    values.emplace_back(n);
    std::transform(column, column + n, values.back().begin(),
                   [](double value) { return static_cast<float>(value); });
    columns.push_back(values.back().data());
  }
  return fit_in_file_order(ColumnsInMemory<float>(columns, data.rows()), data, split, weights,
                           options, threads, backend);
}

/// 1 for the rows of class `positive`, else 0.
std::vector<std::int32_t> against_others(const Labels& labels, int positive) {
  std::vector<std::int32_t> is_positive(labels.class_of_row.size());
  std::ranges::transform(labels.class_of_row, is_positive.begin(),
                         [positive](std::int32_t k) { return k == positive ? 1 : 0; });
  return is_positive;
}

FittedModel fit_with_liblinear(const TrainingData& data, const RowBlocks& rows, const Split& split,
                               const ClassWeights& weights, const TrainOptions& options,
                               int threads) {
  LiblinearOptions solver;
  solver.tolerance = options.tolerance.value_or(solver.tolerance);
  solver.max_iterations = options.max_iterations.value_or(solver.max_iterations);
  solver.kernel = options.liblinear_kernel.value_or(blas_kernel_of_this_machine());
  FittedModel fitted;
  fitted.tolerance = solver.tolerance;
  fitted.max_iterations = solver.max_iterations;
  std::ostringstream kernel;
  kernel << *solver.kernel;
  fitted.liblinear_kernel = kernel.str();
  const TrainingProblem problem(rows, data, split, weights, options);
  for (std::size_t k = 0; k < problem.get().models.size(); ++k) {
    FittedClass& found = fitted.classes.emplace_back();
    solver.after_step = [&found](const CurvePoint& point) { found.curve.push_back(point); };
    const int positive = problem.get().models[k].positive_class;
    found.fit = liblinear(data.features, split.train, against_others(data.labels, positive),
                          options.reg_rate, solver);
    if (found.fit.converged)
      found.variances = coefficient_variances(problem.get(), static_cast<int>(k), found.fit,
                                              {.threads = threads});
  }
  return fitted;
}

}  // namespace

SolverOptions solver_options(const TrainOptions& options, int threads, Backend backend) {
  SolverOptions solver;
  solver.tolerance = options.tolerance.value_or(solver.tolerance);
  solver.max_iterations = options.max_iterations.value_or(solver.max_iterations);
  solver.threads = threads;
  solver.backend = backend;
  solver.device_memory = options.common.device_memory;
  return solver;
}

std::vector<CurvePoint> joint_curve(const FittedModel& fitted) {
  if (fitted.classes.size() == 1) return fitted.classes.front().curve;
  std::set<int> iterations;
  for (const FittedClass& found : fitted.classes)
    for (const CurvePoint& point : found.curve) iterations.insert(point.iteration);
  std::vector<CurvePoint> curve;
  curve.reserve(iterations.size());
  for (const int iteration : iterations) {
    CurvePoint& joint = curve.emplace_back(CurvePoint{.iteration = iteration});
    double squares = 0;
    for (const FittedClass& found : fitted.classes) {
      const auto later =
          std::ranges::upper_bound(found.curve, iteration, {}, &CurvePoint::iteration);
      if (later == found.curve.begin()) continue;
      joint.objective += std::prev(later)->objective;
      squares += std::pow(std::prev(later)->gradient_norm, 2);
    }
    joint.gradient_norm = std::sqrt(squares);
  }
  return curve;
}

void expect_trainable(const TrainingData& data, const Split& split) {
  expect_every_class(data.labels, split.train);
  if (!data.row_weight.empty())
    expect_weights(weight_by_class(data.labels, split.train, data.row_weight), data.labels);
}

FittedModel fit_model(const TrainingData& data, const RowBlocks& rows, const Split& split,
                      const ClassWeights& weights, const TrainOptions& options, int threads,
                      Backend backend) {
  expect_trainable(data, split);
  if (options.solver == Solver::liblinear)
    return fit_with_liblinear(data, rows, split, weights, options, threads);
  if (options.precision == Precision::mixed)
    return fit_with_float32(data, split, weights, options, threads, backend);
  return fit_in_file_order(rows, data, split, weights, options, threads, backend);
}

}  // namespace gradstep
