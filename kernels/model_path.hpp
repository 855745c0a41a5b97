#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/row_blocks.hpp"
#include "kernels/solver.hpp"

namespace gradstep {

/// Many fits at once: every rate with every fold left out, and with none. The objective is that of
/// LogisticProblem.
struct PathProblem {
  const RowBlocks* rows = nullptr;             ///< n rows by d columns, finite
  std::span<const std::int32_t> class_of_row;  ///< length n
  std::span<const std::int32_t> fold_of_row;   ///< length n: 0 ... folds - 1, the model that leaves
                                               ///< this fold out is tested with the row; -1: the
                                               ///< row neither trains nor tests
  std::span<const double> row_weight;          ///< length n, >= 0; or empty: all 1
  int folds = 0;                               ///< >= 2
  std::span<const double> rates;               ///< L2 strengths, scikit-learn's 1/C; > 0; R >= 1
  int positive_class = 1;
  bool penalize_intercept = true;
  /// Of the models with all rows, then of those without each fold: folds + 1; or empty: all 1.
  std::span<const TwoClassWeights> class_weights = {};
};

/// @throws InvalidArgument  a length does not fit, a fold is not -1 ... folds - 1, there are fewer
///                          than two folds or no rate
void expect_whole(const PathProblem& problem);

/// The answers of fit_path(). A Hessian that rates share is counted by each of their models.
struct ModelPath {
  std::vector<Fit> whole;     ///< with all rows: one a rate
  std::vector<Fit> held_out;  ///< R times folds: rate r without fold f is [r * folds + f]
};

/// Fits R rates with each fold left out, and with none.
///
/// The models of all rates with all rows are fitted first, roughly, by gradient_descent(). At each
/// of these points one read gives the gradients of all folds' models, and one the Hessians: the
/// sums of each fold are kept apart, so that they cost as much as one model's. Rates whose points
/// are close share a Hessian; that works best with rates in order. From there every model takes
/// quasi-Newton steps (Nocedal 1980, L-BFGS) around its Hessian, one read of X for all, and leaves
/// when it has converged: when its Hessian has missed so little of the steps so far that the next
/// leaves a fifth of the tolerance at most, which is that of max|v - optimum| to max|v|. What
/// does not converge this way, as when a fold's optimum is far from that of all rows, is fitted by
/// gradient_descent().
///
/// @throws  what expect_whole() and gradient_descent() throw
///
/// Work: typically, beyond the fits of a sample, 4 passes at R points, Hessians at up to R of them
/// and 2 to 4 passes at the points of all models. On the CPU a pass at many points takes about
/// 2.5 ns a row and point at d = 28, and nothing for the rows that a model leaves out. A GPU
/// reads X once a pass, and twice for the Hessians at a point.
/// Memory: 2 R (folds + 1) (d+1)^2 doubles, or 3 for each model that gradient_descent() fits in the
/// end, if that is more; what it takes for R models; and up to 128 MiB of sums, and 64 MiB a
/// thread. Agreement: same bits for any `threads`.
[[nodiscard]] ModelPath fit_path(const PathProblem& problem, const SolverOptions& options);

}  // namespace gradstep
