#pragma once

#include <span>
#include <string>

#include "kernels/solver.hpp"

namespace gradstep {

/// The text of coefficients.csv, one line a term: "intercept", then the features in their order.
/// Its columns: term, coefficient, standard_error, z (their quotient), p_value (of |z| or more if
/// the coefficient were 0, two-sided, normal), ci_lower and ci_upper (95 %, of the coefficient),
/// and odds_ratio, odds_ratio_ci_lower, odds_ratio_ci_upper (e to the power of the former). Numbers
/// read back to the same bits; quotes as to_csv sets them.
///
/// @param names      length d
/// @param variances  length d+1, the intercept's last (kernels/coefficient_variance.hpp); or empty:
///                   the cells that need them are empty
/// Source: statsmodels 0.15, `Logit`, `summary()`; the order of terms is its and R's.
[[nodiscard]] std::string coefficients_csv(std::span<const std::string> names, const Fit& fit,
                                           std::span<const double> variances);

}  // namespace gradstep
