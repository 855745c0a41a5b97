#include "kernels/gradient_descent.hpp"

#include "kernels/descent.hpp"

namespace gradstep {

std::vector<Fit> gradient_descent(const LogisticProblem& problem, const SolverOptions& options,
                                  SolverState* state, const AfterPass& after_pass) {
  return descend(problem, options, MetricRefresh::when_slow, state, after_pass);
}

}  // namespace gradstep
