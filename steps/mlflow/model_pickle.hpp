#pragma once

#include <string>

#include "steps/mlflow/trained_model.hpp"

namespace gradstep {

/// model.pkl: the fitted LogisticRegression or, with a scaler, a Pipeline of MinMaxScaler and it.
/// In place of LogisticRegression three classes and more have OneVsRestClassifier around it, whose
/// probabilities are those of each class against the others in every version; in 1.9 those of a
/// LogisticRegression of three classes are a softmax, whatever its solver.
///
/// The constructors are called, so that each version of scikit-learn sets its own defaults, and the
/// version is looked up while reading: no InconsistentVersionWarning.
/// Parameters say how scikit-learn comes to the same optimum: C = 1 / reg_rate and liblinear, which
/// penalises the intercept, or lbfgs, which does not.
/// Source: scikit-learn 1.9, LogisticRegression, MinMaxScaler, BaseEstimator.__setstate__.
[[nodiscard]] std::string pickled(const TrainedModel& model);

}  // namespace gradstep
