#pragma once

#include <vector>

#include "kernels/solver.hpp"
#include "kernels/solver_state.hpp"

namespace gradstep {

/// When the metric becomes the Hessian at the current point.
enum class MetricRefresh { when_slow, at_every_point };

/// What gradient_descent and newton have in common; kernels/gradient_descent.hpp describes it.
/// Internal to kernels/.
[[nodiscard]] std::vector<Fit> descend(const LogisticProblem& problem, const SolverOptions& options,
                                       MetricRefresh refresh, SolverState* state,
                                       const AfterPass& after_pass);

}  // namespace gradstep
