#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "steps/roc.hpp"

namespace gradstep {

/// What a binary classifier says about some rows, and what is true. Spans of equal length n >= 1.
struct Scores {
  std::span<const std::int32_t> truth;  ///< 1 for the positive class, else 0
  std::span<const double> decision;     ///< x.w + b; positive is predicted where it is > 0
  std::span<const double> probability;  ///< of the positive class
};

/// 1 / (1 + e^-decision) for each row.
[[nodiscard]] std::vector<double> probabilities(std::span<const double> decision);

/// Rows are the true class, columns the predicted one: [[tn, fp], [fn, tp]].
using ConfusionMatrix = std::array<std::array<std::int64_t, 2>, 2>;

[[nodiscard]] ConfusionMatrix confusion_matrix(const Scores& scores);

/// The share of rows predicted right.
[[nodiscard]] double accuracy(const ConfusionMatrix& confusion);

/// The mean of -log(probability of the true class), probabilities clipped to [2^-52, 1 - 2^-52].
/// Source: scikit-learn 1.9, `log_loss`; agrees to rounding.
[[nodiscard]] double log_loss(const Scores& scores);

/// Means over the two classes, weighted by how often each is true; 0 for a class never predicted.
struct WeightedScores {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
};

/// Source: scikit-learn 1.9, `precision_recall_fscore_support(average="weighted")`.
[[nodiscard]] WeightedScores weighted_scores(const ConfusionMatrix& confusion);

/// Everything that is reported about the test rows.
struct TestMetrics {
  double accuracy = 0;
  double auc = 0;  ///< NaN when the rows are all of one class
  double log_loss = 0;
  ConfusionMatrix confusion{};
  RocCurve roc;
};

[[nodiscard]] TestMetrics test_metrics(const Scores& scores);

/// What MLflow's autologging reports about the training rows.
struct TrainingMetrics {
  WeightedScores weighted;
  double accuracy = 0;
  double log_loss = 0;
  double auc = 0;
};

[[nodiscard]] TrainingMetrics training_metrics(const Scores& scores);

}  // namespace gradstep
