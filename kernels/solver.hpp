#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <span>
#include <vector>

#include "kernels/core/backend.hpp"
#include "kernels/row_blocks.hpp"

namespace gradstep {

/// How much a model's negatives and positives count, times the weight of each row; finite, >= 0.
struct TwoClassWeights {
  double negative = 1;
  double positive = 1;

  auto operator<=>(const TwoClassWeights&) const = default;
};

/// One of the models trained together: they share the rows and differ in these four.
struct Model {
  double reg = 0.01;       ///< L2 strength, scikit-learn's 1/C; > 0
  int held_out_fold = -1;  ///< rows of this fold do not train the model; -1: none is held out
  int positive_class = 1;  ///< rows of this class are its positives, all others its negatives
  TwoClassWeights class_weights = {};
};

/// What is to be minimised for each model, v = (w, b):
///     reg/2 (|w|^2 + [penalize_intercept] b^2) + sum_i weight_i log(1 + exp(-y_i (w.x_i + b)))
/// over the rows that train it, y_i = +1 for its positive class and -1 otherwise; weight_i is the
/// row's weight times that of its class.
struct LogisticProblem {
  const RowBlocks* rows = nullptr;             ///< n rows by d columns, finite
  std::span<const std::int32_t> class_of_row;  ///< length n
  std::span<const std::int32_t> fold_of_row;   ///< length n, -1: the row trains no model (a test
                                               ///< row); or empty: every row trains every model
  std::span<const double> row_weight;          ///< length n, >= 0; or empty: all 1
  std::span<const Model> models;               ///< K >= 1
  bool penalize_intercept = true;              ///< true: liblinear's rule; false: that of lbfgs
};

enum class StopReason { running, tolerance, stagnation, max_iterations };

std::ostream& operator<<(std::ostream& out, StopReason reason);

/// One model's answer. A converged gradient descent or Newton fit is one last step, M^-1 g, beyond
/// the point whose objective and gradient_norm are given, since that step needs no read of X.
struct Fit {
  std::vector<double> coefficients;  ///< length d
  double intercept = 0;
  double objective = 0;
  double gradient_norm = 0;  ///< 2-norm of the objective's gradient, regulariser included
  int iterations = 0;        ///< steps taken
  int passes = 0;            ///< reads of X for a loss or a gradient, re-reads included
  int hessians = 0;          ///< reads of X for a Hessian (the first Gram matrix not counted)
  double sample_reads = 0;   ///< passes and Hessians on a sample of the rows, which give the start,
                             ///< as shares of whole reads; and the read of a start given up
  bool converged = false;    ///< stop_reason is tolerance
  StopReason stop_reason = StopReason::running;
};

/// Where a fit stood after `iteration` steps. The terms are those of Fit.
struct CurvePoint {
  int iteration = 0;
  double objective = 0;
  double gradient_norm = 0;
};

/// Adds up the numbers of all processes that share the rows, in place.
using Reduce = std::function<void(std::span<double> sums)>;

struct SolverOptions {
  double tolerance = 1e-8;    ///< stop when max|H^-1 g| <= tolerance * max|v|
  int max_iterations = 1000;  ///< per model
  int threads = 1;
  Backend backend = Backend::cpu;
  /// Bytes that X may take on a GPU, the smallest buffers aside; at most, and with 0, nine tenths
  /// of what is free there.
  std::int64_t device_memory = 0;
  Reduce reduce = {};  ///< empty: this process has all rows
};

class SolverState;

/// Called after every read of X (on a GPU: after every few) with the state there, but not during
/// the fit of a sample that comes first; false ends the fit early, its models still running. The
/// state may be written then and a later call may go on from it.
using AfterPass = std::function<bool(const SolverState& state)>;

}  // namespace gradstep
