#include "steps/roc.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <utility>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

/// How many rows score at least `threshold`, by class.
struct Count {
  std::int64_t false_positives = 0;
  std::int64_t true_positives = 0;
  double threshold = 0;
};

/// One count for each distinct score, highest first.
std::vector<Count> counts_by_threshold(std::span<const std::int32_t> positive,
                                       std::span<const double> score) {
  expects(!score.empty() && positive.size() == score.size(), "one flag for each score, at least 1");
  std::vector<std::pair<double, std::int32_t>> ranked(score.size());
  for (std::size_t i = 0; i < score.size(); ++i) ranked[i] = {score[i], positive[i]};
  std::sort(ranked.begin(), ranked.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Count> counts;
  Count count;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    ranked[i].second == 1 ? ++count.true_positives : ++count.false_positives;
    if (i + 1 < ranked.size() && ranked[i + 1].first == ranked[i].first) continue;
    count.threshold = ranked[i].first;
    counts.push_back(count);
  }
  return counts;
}

bool turns(const Count& before, const Count& at, const Count& after) {
  return after.false_positives - 2 * at.false_positives + before.false_positives != 0 ||
         after.true_positives - 2 * at.true_positives + before.true_positives != 0;
}

double ratio(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

RocCurve roc_curve(std::span<const std::int32_t> positive, std::span<const double> score) {
  const std::vector<Count> counts = counts_by_threshold(positive, score);
  const Count& all = counts.back();
  RocCurve curve;
  const auto add = [&](const Count& count) {
    curve.fpr.push_back(ratio(count.false_positives, all.false_positives));
    curve.tpr.push_back(ratio(count.true_positives, all.true_positives));
    curve.thresholds.push_back(count.threshold);
  };
  add({0, 0, std::numeric_limits<double>::infinity()});
  for (std::size_t k = 0; k < counts.size(); ++k) {
    const bool end = k == 0 || k + 1 == counts.size();
    if (end || turns(counts[k - 1], counts[k], counts[k + 1])) add(counts[k]);
  }
  return curve;
}

double area_under(const RocCurve& curve) {
  std::vector<double> trapezoids(curve.fpr.size() - 1);
  for (std::size_t k = 0; k < trapezoids.size(); ++k) {
    const double width = curve.fpr[k + 1] - curve.fpr[k];
    trapezoids[k] = width * (curve.tpr[k + 1] + curve.tpr[k]) / 2.0;
  }
  return pairwise_sum(trapezoids);
}

PrecisionRecallCurve precision_recall_curve(std::span<const std::int32_t> positive,
                                            std::span<const double> score) {
  const std::vector<Count> counts = counts_by_threshold(positive, score);
  const std::int64_t positives = counts.back().true_positives;
  PrecisionRecallCurve curve;
  for (auto count = counts.rbegin(); count != counts.rend(); ++count) {
    const std::int64_t called = count->true_positives + count->false_positives;
    curve.precision.push_back(ratio(count->true_positives, called));
    curve.recall.push_back(positives == 0 ? 1.0 : ratio(count->true_positives, positives));
    curve.thresholds.push_back(count->threshold);
  }
  curve.precision.push_back(1.0);
  curve.recall.push_back(0.0);
  return curve;
}

double average_precision(const PrecisionRecallCurve& curve) {
  double sum = 0;
  for (std::size_t k = 0; k + 1 < curve.recall.size(); ++k) {
    sum += (curve.recall[k] - curve.recall[k + 1]) * curve.precision[k];
  }
  return sum;
}

double pairwise_sum(std::span<const double> values) {
  constexpr std::size_t lanes = 8;
  constexpr std::size_t leaf = 128;
  const std::size_t n = values.size();
  if (n > leaf) {
    const std::size_t half = n / 2 - n / 2 % lanes;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  double total = 0;
  std::size_t added = 0;
  if (n >= lanes) {
    std::array<double, lanes> sums{};
    for (; added < n - n % lanes; ++added) sums[added % lanes] += values[added];
    total =
        ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
  }
  for (; added < n; ++added) total += values[added];
  return total;
}

}  // namespace gradstep
