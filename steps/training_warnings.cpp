#include "steps/training_warnings.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

namespace gradstep {
namespace {

/// " for class no and 2 others", where there are three classes or more.
std::string of_classes(const std::vector<std::size_t>& which, const Labels& labels) {
  if (labels.classes.size() == 2) return "";
  std::string text = " for class " + class_text(labels.classes[which.front()]);
  if (which.size() > 1) text += " and " + std::to_string(which.size() - 1) + " others";
  return text;
}

void warn_of_an_end(double chosen, const std::vector<double>& rates, const Log& log) {
  const auto [least, greatest] = std::ranges::minmax(rates);
  if (least == greatest || (chosen != least && chosen != greatest)) return;
  const bool is_least = chosen == least;
  log.warn(std::string("the rate that was chosen is the ") + (is_least ? "smallest" : "greatest") +
           " of --reg_rates: the best may lie beyond; add " + (is_least ? "smaller" : "greater") +
           " ones");
}

}  // namespace

void warn_of_weak_fits(const FittedModel& fitted, const Labels& labels, const Log& log) {
  std::vector<std::size_t> stopped;
  std::vector<std::size_t> singular;
  for (std::size_t k = 0; k < fitted.classes.size(); ++k) {
    if (!fitted.classes[k].fit.converged)
      stopped.push_back(k);
    else if (fitted.classes[k].variances.empty())
      singular.push_back(k);
  }
  if (!stopped.empty()) {
    const Fit& fit = fitted.classes[stopped.front()].fit;
    std::ostringstream text;
    text << "the solver stopped before it converged" << of_classes(stopped, labels) << " ("
         << fit.stop_reason << " after " << fit.iterations << " iterations, gradient norm "
         << fit.gradient_norm << "): "
         << (fit.stop_reason == StopReason::max_iterations ? "raise --max_iterations, " : "")
         << "raise --reg_rate or scale the features; coefficients.csv has no standard errors";
    log.warn(text.str());
  }
  if (!singular.empty())
    log.warn("coefficients.csv has no standard errors" + of_classes(singular, labels) +
             ": the objective's Hessian is singular in double precision; leave out features that "
             "others determine, or raise --reg_rate");
}

void warn_of_absent_classes(const TestMetrics& test, const Labels& labels, const Log& log) {
  if (!std::isnan(test.auc)) return;
  if (labels.classes.size() == 2)
    return log.warn("all test rows are of one class: AUC is not defined");
  for (std::size_t k = 0; k < test.confusion.size(); ++k)
    if (std::ranges::all_of(test.confusion[k], [](std::int64_t rows) { return rows == 0; }))
      log.warn("no test row is of class " + class_text(labels.classes[k]) + ": AUC is not defined");
}

void warn_of_weak_choice(const CrossValidation& found, const PathOptions& path, const Log& log) {
  if (found.unconverged > 0)
    log.warn(std::to_string(found.unconverged) + " of the " + std::to_string(found.models) +
             " models of the cross-validation did not converge: scale the features, or leave out "
             "the smallest of --reg_rates");
  warn_of_an_end(found.chosen_rate(), path.reg_rates, log);
}

}  // namespace gradstep
