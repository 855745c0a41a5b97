#pragma once

#include <vector>

#include "kernels/solver.hpp"
#include "kernels/solver_state.hpp"

namespace gradstep {

/// Minimises the objective of every model by gradient descent in a metric that is refreshed when
/// progress is slow. All models share each read of X.
///
/// The metric M starts as A'A/4 + reg, A = [X 1], which is nowhere below the Hessian (Boehning and
/// Lindsay 1988), so a step of 1 never goes up. Steps are Barzilai and Borwein's (1988), long and
/// short in turn, not below 1 (0.5 once M is a Hessian), checked by Armijo's rule; a step that is
/// rejected costs one more read, which looks at its next four halves at once. When g' M^-1 g has
/// not fallen a hundredfold in 8 steps (2 after that), M becomes the Hessian at the current point.
/// Since max|M^-1 g| underestimates the error far from the optimum, a stop is confirmed by the
/// Hessian H at that point: max|H^-1 g| <= tolerance * max|v|; the answer is v - H^-1 g then.
///
/// Many rows (from about 33,000 and 512 a column on) are first solved on a sample, a 16th of them,
/// to about the error of sampling; its optimum is the start and its Hessian the metric, and no Gram
/// matrix of all rows is needed. If the sample misleads, the start is v = 0 after all, or the
/// metric becomes the Hessian of all rows; if the steps shrink g' M^-1 g well, they confirm the
/// stop without a Hessian: what they leave, and how far their length is from 1, bound the error of
/// M^-1 g, and the answer's is to be a tenth of the tolerance.
///
/// @param state       in: where to go on, or empty to start at v = 0; out: where it ended. May be
///                    null
/// @param after_pass  see AfterPass; may be empty
/// @return one Fit a model, in their order. `converged` is false after max_iterations, and when
///     rounding leaves nothing to gain (stagnation): for columns so dependent that the Hessian
///     plus reg is singular in doubles, no error can be vouched for.
/// @throws InvalidArgument     a length does not fit, or a reg is not positive
/// @throws DataError           the squares of X overflow
/// @throws BackendUnavailable  when the backend cannot run here
///
/// Work: one read of X for A'A, one a pass (about 10 to 35 in all), one a Hessian (up to 7); for
/// many rows typically 4 to 13 passes and no other read.
/// Memory: K (d+1)^2 doubles, up to 32 MB of sums a thread, and the sample, at first: a 15th of X.
/// Agreement: same bits for any `threads`.
[[nodiscard]] std::vector<Fit> gradient_descent(const LogisticProblem& problem,
                                                const SolverOptions& options,
                                                SolverState* state = nullptr,
                                                const AfterPass& after_pass = {});

}  // namespace gradstep
