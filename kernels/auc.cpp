#include "kernels/auc.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

constexpr std::size_t rows_a_bucket = 8;       // on average
constexpr std::size_t pairs_to_compare = 256;  // all of them, rather than sort

// Scores by rising range: what lies in a lower bucket is less. Few share a bucket, so that pairs of
// rows in different ones need not be compared, and those in one are quickly sorted.
class Buckets {
 public:
  explicit Buckets(std::span<const double> score)
      : count_(std::clamp<std::size_t>(score.size() / rows_a_bucket, 1, most)) {
    const auto [low, high] = std::minmax_element(score.begin(), score.end());
    low_ = *low;
    per_unit_ = static_cast<double>(count_) / (*high - low_);
    if (!std::isfinite(per_unit_)) per_unit_ = 0;  // all the same, or nearly
  }

  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t of(double score) const {
    const double place = (score - low_) * per_unit_;  // NaN where the range overflows
    return place < static_cast<double>(count_) ? static_cast<std::size_t>(place) : count_ - 1;
  }

 private:
  static constexpr std::size_t most = 1 << 18;  // 4 MB of counts
  std::size_t count_;
  double low_;
  double per_unit_;
};

// Twice the pairs of a positive above a negative, and once those that tie.
std::uint64_t wins(std::span<double> negatives, std::span<double> positives) {
  std::uint64_t twice = 0;
  if (negatives.size() * positives.size() <= pairs_to_compare) {
    for (const double high : positives)
      for (const double low : negatives) twice += (low < high ? 1U : 0U) + (low <= high ? 1U : 0U);
    return twice;
  }
  std::sort(negatives.begin(), negatives.end());
  std::sort(positives.begin(), positives.end());
  std::size_t below = 0;
  std::size_t not_above = 0;
  for (const double score : positives) {
    while (below < negatives.size() && negatives[below] < score) ++below;
    while (not_above < negatives.size() && negatives[not_above] <= score) ++not_above;
    twice += below + not_above;
  }
  return twice;
}

// The scores of each class, sorted by bucket: the negatives of bucket 0, its positives, the
// negatives of bucket 1, ...
class SortedScores {
 public:
  SortedScores(std::span<const std::int32_t> positive, std::span<const double> score)
      : buckets_(score), sorted_(score.size()), ends_(2 * buckets_.count() + 1) {
    std::vector<std::uint32_t> list_of(score.size());
    for (std::size_t i = 0; i < score.size(); ++i) {
      const std::size_t list = 2 * buckets_.of(score[i]) + (positive[i] == 1 ? 1 : 0);
      list_of[i] = static_cast<std::uint32_t>(list);
      ++ends_[list + 1];
    }
    for (std::size_t k = 1; k < ends_.size(); ++k) ends_[k] += ends_[k - 1];
    std::vector<std::size_t> next(ends_.begin(), ends_.end() - 1);
    for (std::size_t i = 0; i < score.size(); ++i) sorted_[next[list_of[i]]++] = score[i];
  }

  [[nodiscard]] std::size_t buckets() const { return buckets_.count(); }
  [[nodiscard]] std::span<double> in(std::size_t bucket, bool positive) {
    const std::size_t list = 2 * bucket + (positive ? 1 : 0);
    return std::span(sorted_).subspan(ends_[list], ends_[list + 1] - ends_[list]);
  }

 private:
  Buckets buckets_;
  std::vector<double> sorted_;
  std::vector<std::size_t> ends_;
};

}  // namespace

double area_under_roc(std::span<const std::int32_t> positive, std::span<const double> score) {
  expects(positive.size() == score.size(), "area_under_roc: one flag for each score");
  // NaN has no place in an order.
  const bool ordered =
      std::none_of(score.begin(), score.end(), [](double s) { return std::isnan(s); });
  if (score.empty() || !ordered) return std::numeric_limits<double>::quiet_NaN();
  SortedScores scores(positive, score);
  std::uint64_t negatives_below = 0;
  std::uint64_t positives_in_all = 0;
  std::uint64_t twice = 0;
  for (std::size_t bucket = 0; bucket < scores.buckets(); ++bucket) {
    const std::span<double> negatives = scores.in(bucket, false);
    const std::span<double> positives = scores.in(bucket, true);
    twice += 2 * negatives_below * positives.size();
    if (!negatives.empty() && !positives.empty()) twice += wins(negatives, positives);
    negatives_below += negatives.size();
    positives_in_all += positives.size();
  }
  return static_cast<double>(twice) /
         (2 * static_cast<double>(negatives_below) * static_cast<double>(positives_in_all));
}

}  // namespace gradstep
