#pragma once

#include <vector>

#include "kernels/solver.hpp"
#include "kernels/solver_state.hpp"

namespace gradstep {

/// Minimises the objective of every model by Newton's method, steps halved by Armijo's rule: like
/// gradient_descent() (which says what the parameters are), with the Hessian as the metric at every
/// point and steps of 1; many rows are first solved on a sample likewise. Fewer reads of X for a
/// gradient, as many for a Hessian, which cost about d/8 of the former each.
[[nodiscard]] std::vector<Fit> newton(const LogisticProblem& problem, const SolverOptions& options,
                                      SolverState* state = nullptr,
                                      const AfterPass& after_pass = {});

}  // namespace gradstep
