#pragma once

#include <vector>

#include "kernels/solver.hpp"

namespace gradstep {

/// The variances of a model's coefficients: the diagonal of H^-1, H the Hessian of the model's
/// objective, regulariser and row weights included, at its answer. Their roots are the standard
/// errors of maximum likelihood where reg is next to nothing, and of its quadratic approximation
/// about the penalised optimum otherwise; a row of weight 2 counts like two rows.
///
/// @param model  index into problem.models
/// @param fit    that model's answer
/// @return length d+1, the intercept's last; empty when H is singular in doubles or overflows
/// @throws InvalidArgument     when a length does not fit
/// @throws BackendUnavailable  when the backend cannot run here
///
/// Work: one read of X, n (d+1)^2 multiplications, and a third of (d+1)^3; a GPU gets X once more.
/// Agreement: same bits for any `options.threads`; other backends differ by rounding of sums.
/// Source: Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, section 4.4;
/// statsmodels 0.15, `Logit`, `bse`.
[[nodiscard]] std::vector<double> coefficient_variances(const LogisticProblem& problem, int model,
                                                        const Fit& fit,
                                                        const SolverOptions& options);

}  // namespace gradstep
