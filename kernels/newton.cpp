#include "kernels/newton.hpp"

#include "kernels/descent.hpp"

namespace gradstep {

std::vector<Fit> newton(const LogisticProblem& problem, const SolverOptions& options,
                        SolverState* state, const AfterPass& after_pass) {
  return descend(problem, options, MetricRefresh::at_every_point, state, after_pass);
}

}  // namespace gradstep
