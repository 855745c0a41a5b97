#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace gradstep {

/// False and true positive rates for falling thresholds. Rates are NaN where a class is absent.
struct RocCurve {
  std::vector<double> fpr;
  std::vector<double> tpr;
  std::vector<double> thresholds;  ///< infinity first
};

/// Precision and recall for rising thresholds, and a last point (1, 0) without a threshold.
struct PrecisionRecallCurve {
  std::vector<double> precision;
  std::vector<double> recall;      ///< falling; all 1 where there are no positives
  std::vector<double> thresholds;  ///< one fewer
};

/// The receiver operating characteristic; points in the middle of a straight line are left out.
///
/// @param positive  n flags: 1 where the row is of the positive class, else 0; n >= 1
/// @param score     n scores, higher is more likely positive; equal scores make one point
///
/// Cost: a sort of n scores. Memory: 16 bytes a score, and 24 a point. Agreement: all bits.
/// Source: scikit-learn 1.9, `roc_curve`.
[[nodiscard]] RocCurve roc_curve(std::span<const std::int32_t> positive,
                                 std::span<const double> score);

/// The area under the curve by trapezoids, summed as numpy sums; NaN where a rate is.
/// Agreement: all bits. Source: scikit-learn 1.9, `auc`, which `roc_auc_score` uses.
[[nodiscard]] double area_under(const RocCurve& curve);

/// Arguments, cost and memory as roc_curve. Agreement: all bits.
/// Source: scikit-learn 1.9, `precision_recall_curve` (drop_intermediate=False).
[[nodiscard]] PrecisionRecallCurve precision_recall_curve(std::span<const std::int32_t> positive,
                                                          std::span<const double> score);

/// The mean of the precisions, weighted by the rise in recall.
/// Source: scikit-learn 1.9, `average_precision_score`.
[[nodiscard]] double average_precision(const PrecisionRecallCurve& curve);

/// The sum of `values`, rounded as numpy's pairwise summation rounds it.
[[nodiscard]] double pairwise_sum(std::span<const double> values);

}  // namespace gradstep
