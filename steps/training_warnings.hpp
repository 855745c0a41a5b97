#pragma once

#include "steps/cross_validation.hpp"
#include "steps/fit_model.hpp"
#include "steps/labels.hpp"
#include "steps/log.hpp"
#include "steps/metrics.hpp"
#include "steps/train_options.hpp"

namespace gradstep {

// What train-model says about answers that are not what they seem.

/// Fits that stopped before the optimum, or have no standard errors.
void warn_of_weak_fits(const FittedModel& fitted, const Labels& labels, const Log& log);

/// Classes that no test row is of.
void warn_of_absent_classes(const TestMetrics& test, const Labels& labels, const Log& log);

/// Models that did not converge, and a choice at an end of the rates.
void warn_of_weak_choice(const CrossValidation& found, const PathOptions& path, const Log& log);

}  // namespace gradstep
