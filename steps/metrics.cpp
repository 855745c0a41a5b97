#include "steps/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace gradstep {
namespace {

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

}  // namespace

std::vector<double> probabilities(std::span<const double> decision) {
  std::vector<double> result(decision.size());
  std::transform(decision.begin(), decision.end(), result.begin(),
                 [](double z) { return 1 / (1 + std::exp(-z)); });
  return result;
}

ConfusionMatrix confusion_matrix(const Scores& scores) {
  ConfusionMatrix confusion{};
  for (std::size_t i = 0; i < scores.truth.size(); ++i) {
    const std::size_t predicted = scores.decision[i] > 0 ? 1 : 0;
    ++confusion[scores.truth[i] == 1 ? 1 : 0][predicted];
  }
  return confusion;
}

double accuracy(const ConfusionMatrix& confusion) {
  const std::int64_t right = confusion[0][0] + confusion[1][1];
  const std::int64_t wrong = confusion[0][1] + confusion[1][0];
  return static_cast<double>(right) / static_cast<double>(right + wrong);
}

double log_loss(const Scores& scores) {
  constexpr double least = std::numeric_limits<double>::epsilon();
  std::vector<double> losses(scores.truth.size());
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double p = scores.probability[i];
    losses[i] = -std::log(std::clamp(scores.truth[i] == 1 ? p : 1 - p, least, 1 - least));
  }
  return pairwise_sum(losses) / static_cast<double>(losses.size());
}

WeightedScores weighted_scores(const ConfusionMatrix& confusion) {
  WeightedScores scores;
  double rows = 0;
  for (std::size_t k = 0; k < 2; ++k) {
    const auto hits = static_cast<double>(confusion[k][k]);
    const auto is_true = static_cast<double>(confusion[k][0] + confusion[k][1]);
    const auto predicted = static_cast<double>(confusion[0][k] + confusion[1][k]);
    scores.precision += is_true * ratio(hits, predicted);
    scores.recall += is_true * ratio(hits, is_true);
    scores.f1 += is_true * ratio(2 * hits, is_true + predicted);
    rows += is_true;
  }
  return {scores.precision / rows, scores.recall / rows, scores.f1 / rows};
}

TestMetrics test_metrics(const Scores& scores) {
  TestMetrics metrics;
  metrics.confusion = confusion_matrix(scores);
  metrics.accuracy = accuracy(metrics.confusion);
  metrics.log_loss = log_loss(scores);
  metrics.roc = roc_curve(scores.truth, scores.probability);
  metrics.auc = area_under(metrics.roc);
  return metrics;
}

TrainingMetrics training_metrics(const Scores& scores) {
  const ConfusionMatrix confusion = confusion_matrix(scores);
  TrainingMetrics metrics;
  metrics.weighted = weighted_scores(confusion);
  metrics.accuracy = accuracy(confusion);
  metrics.log_loss = log_loss(scores);
  metrics.auc = area_under(roc_curve(scores.truth, scores.probability));
  return metrics;
}

}  // namespace gradstep
