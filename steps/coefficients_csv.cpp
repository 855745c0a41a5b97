#include "steps/coefficients_csv.hpp"

#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <numbers>
#include <string_view>

#include "steps/csv/field_print.hpp"
#include "steps/python_repr.hpp"

namespace gradstep {
namespace {

constexpr double normal_quantile = 1.959963984540054;  // of 0.975

std::string csv_field(std::string_view text) {
  std::string field(2 * text.size() + 2, '\0');
  const char* const end = csv::put_field(field.data(), text, ",\"\n\r");
  field.resize(static_cast<std::size_t>(end - field.data()));
  return field;
}

std::string cells(std::initializer_list<double> numbers) {
  std::string text;
  for (const double number : numbers) text += ',' + python_repr(number);
  return text;
}

std::string with_error(double coefficient, double variance) {
  const double error = std::sqrt(variance);
  const double z = coefficient / error;
  const double p = std::erfc(std::abs(z) / std::numbers::sqrt2);
  const double lower = coefficient - normal_quantile * error;
  const double upper = coefficient + normal_quantile * error;
  return cells({coefficient, error, z, p, lower, upper, std::exp(coefficient), std::exp(lower),
                std::exp(upper)});
}

std::string without_error(double coefficient) {
  return cells({coefficient}) + ",,,,," + cells({std::exp(coefficient)}) + ",,";
}

/// The lines of a class, each beginning with `prefix`.
void add_class(std::string& text, const std::string& prefix, std::span<const std::string> names,
               const FittedClass& fitted) {
  const auto add = [&](std::string_view term, double coefficient, std::size_t i) {
    text += prefix + csv_field(term);
    text += fitted.variances.empty() ? without_error(coefficient)
                                     : with_error(coefficient, fitted.variances[i]);
    text += '\n';
  };
  add("intercept", fitted.fit.intercept, names.size());
  for (std::size_t i = 0; i < names.size(); ++i) add(names[i], fitted.fit.coefficients[i], i);
}

}  // namespace

std::string coefficients_csv(std::span<const std::string> names,
                             std::span<const ClassValue> classes,
                             std::span<const FittedClass> fitted) {
  const bool one = fitted.size() == 1;
  std::string text = one ? "" : "class,";
  text +=
      "term,coefficient,standard_error,z,p_value,ci_lower,ci_upper,odds_ratio,odds_ratio_ci_lower,"
      "odds_ratio_ci_upper\n";
  for (std::size_t k = 0; k < fitted.size(); ++k)
    add_class(text, one ? "" : csv_field(class_text(classes[k])) + ',', names, fitted[k]);
  return text;
}

}  // namespace gradstep
