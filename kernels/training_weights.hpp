#pragma once

#include <vector>

#include "kernels/solver.hpp"

namespace gradstep {

/// The sum of the weights of the rows that train each model, its classes' weights included, in all
/// processes. Models that train with the same rows cost as much as one: a look at the fold, weight
/// and class of every row, as far as they matter. Internal to kernels/*.cpp.
[[nodiscard]] std::vector<double> training_weights(const LogisticProblem& problem,
                                                   const Reduce& reduce);

}  // namespace gradstep
