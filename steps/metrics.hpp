#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "steps/roc.hpp"

namespace gradstep {

/// A number for each class and row: of two classes for the second only, which tells that of the
/// first; else one vector of n for each of the K classes.
using ClassColumns = std::vector<std::vector<double>>;

/// What a classifier says about some rows, and what is true. All of equal length n >= 1.
struct Scores {
  std::span<const std::int32_t> truth;  ///< index of the true class
  const ClassColumns& decision;         ///< x.w + b
  const ClassColumns& probability;

  [[nodiscard]] std::size_t classes() const { return decision.size() == 1 ? 2 : decision.size(); }
};

/// The class of the largest decision, the first of equals; of two, the second where it is > 0.
[[nodiscard]] std::size_t predicted_class(const ClassColumns& decision, std::size_t row);

/// 1 / (1 + e^-decision) for each row; of three classes and more divided by the sum of all classes
/// in a row, or alike for all where that sum is 0.
/// Source: scikit-learn 1.9, OneVsRestClassifier.predict_proba, which leaves a sum of 0 alone.
[[nodiscard]] ClassColumns probabilities(const ClassColumns& decision);

/// Rows are the true class, columns the predicted one: of two, [[tn, fp], [fn, tp]].
using ConfusionMatrix = std::vector<std::vector<std::int64_t>>;

[[nodiscard]] ConfusionMatrix confusion_matrix(const Scores& scores);

/// The share of rows predicted right.
[[nodiscard]] double accuracy(const ConfusionMatrix& confusion);

/// The mean of -log(probability of the true class), probabilities clipped to [2^-52, 1 - 2^-52].
/// Source: scikit-learn 1.9, `log_loss`; agrees to rounding.
[[nodiscard]] double log_loss(const Scores& scores);

/// Means over the classes, weighted by how often each is true; 0 for a class never predicted.
struct WeightedScores {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

/// Source: scikit-learn 1.9, `precision_recall_fscore_support(average="weighted")`.
[[nodiscard]] WeightedScores weighted_scores(const ConfusionMatrix& confusion);

/// The curves of the second class of two, or of each of more against the others.
[[nodiscard]] std::vector<RocCurve> roc_curves(const Scores& scores);
[[nodiscard]] std::vector<PrecisionRecallCurve> precision_recall_curves(const Scores& scores);

/// The mean of the areas under them; NaN when one is.
/// Source: scikit-learn 1.9, `roc_auc_score(multi_class="ovr", average="macro")`.
[[nodiscard]] double mean_area_under(const std::vector<RocCurve>& curves);

/// How well the rows of two classes are told apart by the probability of each: the mean of both
/// ways and of all pairs, weighted by their rows; NaN when a class has none.
/// Cost: as area_under_roc() of 2 (K-1) n rows. Agreement: to rounding.
/// Source: scikit-learn 1.9, `roc_auc_score(multi_class="ovo", average="weighted")`.
[[nodiscard]] double area_of_pairs(const Scores& scores);

/// Everything that is reported about the test rows.
struct TestMetrics {
  double accuracy = 0;
  double auc = 0;  ///< mean_area_under() roc; NaN when the rows are not of all classes
  double log_loss = 0;
  ConfusionMatrix confusion;
  std::vector<RocCurve> roc;
};

[[nodiscard]] TestMetrics test_metrics(const Scores& scores);

/// What MLflow's autologging reports about the training rows.
struct TrainingMetrics {
  WeightedScores weighted;
  double accuracy = 0;
  double log_loss = 0;
  double auc = 0;  ///< of three classes and more area_of_pairs()
};

[[nodiscard]] TrainingMetrics training_metrics(const Scores& scores);

}  // namespace gradstep
