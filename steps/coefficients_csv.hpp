#pragma once

#include <span>
#include <string>

#include "steps/fit_model.hpp"
#include "steps/labels.hpp"

namespace gradstep {

inline constexpr const char* coefficients_name = "coefficients.csv";

/// The text of coefficients.csv, one line a term: "intercept", then the features in their order;
/// for three classes and more those of one class after the other, with its name in the first
/// column, class. The other columns: term, coefficient, standard_error, z (their quotient), p_value
/// (of |z| or more if the coefficient were 0, two-sided, normal), ci_lower and ci_upper (95 %, of
/// the coefficient), and odds_ratio, odds_ratio_ci_lower, odds_ratio_ci_upper (e to the power of
/// the former). Numbers read back to the same bits; quotes as to_csv sets them.
///
/// @param names   length d
/// @param fitted  of `classes`; without variances the cells that need them are empty
/// Source: statsmodels 0.15, `Logit`, `summary()`; the order of terms is its and R's.
[[nodiscard]] std::string coefficients_csv(std::span<const std::string> names,
                                           std::span<const ClassValue> classes,
                                           std::span<const FittedClass> fitted);

}  // namespace gradstep
