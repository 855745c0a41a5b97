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
/// Work: one read of X for A'A, one a pass (about 10 to 35 in all), one a Hessian (up to 7).
/// Memory: K (d+1)^2 doubles and up to 32 MB of sums a thread, nothing per row. Agreement: same
/// bits for any `threads`.
[[nodiscard]] std::vector<Fit> gradient_descent(const LogisticProblem& problem,
                                                const SolverOptions& options,
                                                SolverState* state = nullptr,
                                                const AfterPass& after_pass = {});

}  // namespace gradstep
