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

/// The rows by falling score.
class RankedRows {
 public:
  RankedRows(std::span<const std::int32_t> positive, std::span<const double> score)
      : rows_(score.size()) {
    expects(!score.empty() && positive.size() == score.size(),
            "one flag for each score, at least 1");
    for (std::size_t i = 0; i < score.size(); ++i) rows_[i] = {score[i], positive[i]};
    std::sort(rows_.begin(), rows_.end(),
              [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& row : rows_) add(row, all_);
  }

  /// The count of all rows; its threshold is the lowest score.
  [[nodiscard]] const Count& all() const { return all_; }

  /// Calls visit(count) once for each distinct score, highest first.
  template <class Visit>
  void for_each_threshold(const Visit& visit) const {
    Count count;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      add(rows_[i], count);
      if (i + 1 == rows_.size() || rows_[i + 1].first != rows_[i].first) visit(count);
    }
  }

 private:
  static void add(const std::pair<double, std::int32_t>& row, Count& count) {
    row.second == 1 ? ++count.true_positives : ++count.false_positives;
    count.threshold = row.first;
  }

  std::vector<std::pair<double, std::int32_t>> rows_;
  Count all_;
};

bool turns(const Count& before, const Count& at, const Count& after) {
  return after.false_positives - 2 * at.false_positives + before.false_positives != 0 ||
         after.true_positives - 2 * at.true_positives + before.true_positives != 0;
}

/// Calls visit(count) for the first threshold, the last, and those where the curve turns.
template <class Visit>
void for_each_corner(const RankedRows& ranked, const Visit& visit) {
  std::array<Count, 2> latest;  // the count before the last one, and the last
  std::int64_t thresholds = 0;
  ranked.for_each_threshold([&](const Count& count) {
    if (thresholds == 1 || (thresholds > 1 && turns(latest[0], latest[1], count))) visit(latest[1]);
    latest = {latest[1], count};
    ++thresholds;
  });
  visit(latest[1]);
}

double ratio(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

RocCurve roc_curve(std::span<const std::int32_t> positive, std::span<const double> score) {
  const RankedRows ranked(positive, score);
  std::size_t corners = 1;
  for_each_corner(ranked, [&corners](const Count&) { ++corners; });
  RocCurve curve;
  for (std::vector<double>* values : {&curve.fpr, &curve.tpr, &curve.thresholds})
    values->reserve(corners);
  const Count& all = ranked.all();
  const auto add = [&](const Count& count) {
    curve.fpr.push_back(ratio(count.false_positives, all.false_positives));
    curve.tpr.push_back(ratio(count.true_positives, all.true_positives));
    curve.thresholds.push_back(count.threshold);
  };
  add({0, 0, std::numeric_limits<double>::infinity()});
  for_each_corner(ranked, add);
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
  const RankedRows ranked(positive, score);
  std::size_t thresholds = 0;
  ranked.for_each_threshold([&thresholds](const Count&) { ++thresholds; });
  const std::int64_t positives = ranked.all().true_positives;
  PrecisionRecallCurve curve;
  curve.precision.resize(thresholds + 1, 1.0);
  curve.recall.resize(thresholds + 1, 0.0);
  curve.thresholds.resize(thresholds);
  std::size_t k = thresholds;
  ranked.for_each_threshold([&](const Count& count) {
    const std::int64_t called = count.true_positives + count.false_positives;
    --k;
    curve.precision[k] = ratio(count.true_positives, called);
    curve.recall[k] = positives == 0 ? 1.0 : ratio(count.true_positives, positives);
    curve.thresholds[k] = count.threshold;
  });
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
