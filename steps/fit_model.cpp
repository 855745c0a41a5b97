#include "steps/fit_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
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
#include "steps/class_weight.hpp"

namespace gradstep {
namespace {

void expect_two_classes(const Labels& labels, const std::vector<std::int64_t>& rows) {
  const auto class_of = [&](std::int64_t row) {
    return labels.class_of_row[static_cast<std::size_t>(row)];
  };
  const std::int32_t first = class_of(rows.front());
  const bool mixed = std::any_of(rows.begin(), rows.end(),
                                 [&](std::int64_t row) { return class_of(row) != first; });
  if (mixed) return;
  throw DataError("the " + std::to_string(rows.size()) + " training rows are all of one class, " +
                  class_text(labels.classes[static_cast<std::size_t>(first)]) +
                  "; the other one is in the test rows only");
}

/// A class that weighs nothing might as well be absent.
void expect_weights_in_both_classes(const TrainingData& data,
                                    const std::vector<std::int64_t>& rows) {
  if (data.row_weight.empty()) return;
  const std::array<double, 2> sums = weight_by_class(data.labels, rows, data.row_weight);
  for (std::size_t k = 0; k < sums.size(); ++k) {
    if (sums[k] == 0)
      throw DataError("the training rows of class " + class_text(data.labels.classes[k]) +
                      " weigh nothing");
    if (!std::isfinite(sums[k]))
      throw DataError("the weights of the training rows are too large to add up; divide them all");
  }
}

/// Fold 0 for the training rows, -1 for the test rows, which train no model.
std::vector<std::int32_t> folds(std::int64_t rows, const std::vector<std::int64_t>& test) {
  std::vector<std::int32_t> fold_of_row(static_cast<std::size_t>(rows), 0);
  for (const std::int64_t row : test) fold_of_row[static_cast<std::size_t>(row)] = -1;
  return fold_of_row;
}

/// Adds where the one model of `state` stands, once a step.
void add_point(std::vector<CurvePoint>& curve, const SolverState& state) {
  const ModelState& model = state.models.front();
  if (!std::isfinite(model.objective)) return;  // before the first read
  if (!curve.empty() && curve.back().iteration == model.iterations) return;
  double squares = 0;
  for (const double g : model.gradient) squares += g * g;
  curve.push_back({model.iterations, model.objective, std::sqrt(squares)});
}

/// What is to be minimised, and what its spans show.
class TrainingProblem {
 public:
  TrainingProblem(const RowBlocks& rows, const TrainingData& data, const Split& split,
                  const TrainOptions& options)
      : fold_of_row_(folds(rows.rows(), split.test)),
        model_{.reg = options.reg_rate},
        problem_{.rows = &rows,
                 .class_of_row = data.labels.class_of_row,
                 .fold_of_row = fold_of_row_,
                 .row_weight = data.row_weight,
                 .models = {&model_, 1},
                 .penalize_intercept = options.penalize_intercept} {}
  TrainingProblem(const TrainingProblem&) = delete;
  TrainingProblem& operator=(const TrainingProblem&) = delete;
  ~TrainingProblem() = default;

  [[nodiscard]] const LogisticProblem& get() const { return problem_; }

 private:
  std::vector<std::int32_t> fold_of_row_;
  Model model_;
  LogisticProblem problem_;
};

FittedModel fit_in_file_order(const RowBlocks& rows, const TrainingData& data, const Split& split,
                              const TrainOptions& options, int threads, Backend backend) {
  const TrainingProblem problem(rows, data, split, options);
  const SolverOptions solver = solver_options(options, threads, backend);
  FittedModel fitted;
  fitted.tolerance = solver.tolerance;
  fitted.max_iterations = solver.max_iterations;
  const AfterPass after_pass = [&fitted](const SolverState& state) {
    add_point(fitted.curve, state);
    return true;
  };
  const auto solve = options.solver == Solver::newton ? newton : gradient_descent;
  fitted.fit = std::move(solve(problem.get(), solver, nullptr, after_pass).front());
  fitted.variances = coefficient_variances(problem.get(), 0, fitted.fit, solver);
  return fitted;
}

FittedModel fit_with_float32(const TrainingData& data, const Split& split,
                             const TrainOptions& options, int threads, Backend backend) {
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
  return fit_in_file_order(ColumnsInMemory<float>(columns, data.rows()), data, split, options,
                           threads, backend);
}

FittedModel fit_with_liblinear(const TrainingData& data, const RowBlocks& rows, const Split& split,
                               const TrainOptions& options, int threads) {
  LiblinearOptions solver;
  solver.tolerance = options.tolerance.value_or(solver.tolerance);
  solver.max_iterations = options.max_iterations.value_or(solver.max_iterations);
  solver.kernel = options.liblinear_kernel.value_or(blas_kernel_of_this_machine());
  FittedModel fitted;
  fitted.tolerance = solver.tolerance;
  fitted.max_iterations = solver.max_iterations;
  solver.after_step = [&fitted](const CurvePoint& point) { fitted.curve.push_back(point); };
  std::ostringstream kernel;
  kernel << *solver.kernel;
  fitted.liblinear_kernel = kernel.str();
  fitted.fit =
      liblinear(data.features, split.train, data.labels.class_of_row, options.reg_rate, solver);
  const TrainingProblem problem(rows, data, split, options);
  fitted.variances = coefficient_variances(problem.get(), 0, fitted.fit, {.threads = threads});
  return fitted;
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

SolverOptions solver_options(const TrainOptions& options, int threads, Backend backend) {
  SolverOptions solver;
  solver.tolerance = options.tolerance.value_or(solver.tolerance);
  solver.max_iterations = options.max_iterations.value_or(solver.max_iterations);
  solver.threads = threads;
  solver.backend = backend;
  solver.device_memory = options.common.device_memory;
  return solver;
}

FittedModel fit_model(const TrainingData& data, const RowBlocks& rows, const Split& split,
                      const TrainOptions& options, int threads, Backend backend) {
  expect_two_classes(data.labels, split.train);
  expect_weights_in_both_classes(data, split.train);
  if (options.solver == Solver::liblinear)
    return fit_with_liblinear(data, rows, split, options, threads);
  if (options.precision == Precision::mixed) {
    return fit_with_float32(data, split, options, threads, backend);
  }
  return fit_in_file_order(rows, data, split, options, threads, backend);
}

}  // namespace gradstep
