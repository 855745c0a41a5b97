#include "steps/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/auc.hpp"

namespace gradstep {
namespace {

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

/// Divides each row by its sum.
void normalise(ClassColumns& columns) {
  const auto classes = static_cast<double>(columns.size());
  for (std::size_t row = 0; row < columns.front().size(); ++row) {
    double sum = 0;
    for (const std::vector<double>& column : columns) sum += column[row];
    for (std::vector<double>& column : columns)
      column[row] = sum == 0 ? 1 / classes : column[row] / sum;
  }
}

/// Calls visit(flags, probability) for the class or classes that have a probability: flags are 1
/// for their rows, else 0.
template <class Visit>
void for_each_class(const Scores& scores, const Visit& visit) {
  if (scores.probability.size() == 1) {
    visit(scores.truth, scores.probability.front());
    return;
  }
  std::vector<std::int32_t> is_true(scores.truth.size());
  for (std::size_t k = 0; k < scores.probability.size(); ++k) {
    std::ranges::transform(scores.truth, is_true.begin(), [k](std::int32_t truth) {
      return truth == static_cast<std::int32_t>(k) ? 1 : 0;
    });
    visit(is_true, scores.probability[k]);
  }
}

std::vector<std::vector<std::size_t>> rows_by_class(const Scores& scores) {
  std::vector<std::vector<std::size_t>> rows(scores.classes());
  for (std::size_t row = 0; row < scores.truth.size(); ++row)
    rows[static_cast<std::size_t>(scores.truth[row])].push_back(row);
  return rows;
}

/// The area of the probability that tells `positive` rows from `negative` ones.
double area_between(const std::vector<double>& probability,
                    const std::vector<std::size_t>& positive,
                    const std::vector<std::size_t>& negative) {
  std::vector<std::int32_t> flags(positive.size(), 1);
  flags.resize(positive.size() + negative.size(), 0);
  std::vector<double> score;
  score.reserve(flags.size());
  for (const auto* rows : {&positive, &negative})
    for (const std::size_t row : *rows) score.push_back(probability[row]);
  return area_under_roc(flags, score);
}

}  // namespace

std::size_t predicted_class(const ClassColumns& decision, std::size_t row) {
  if (decision.size() == 1) return decision.front()[row] > 0 ? 1 : 0;
  std::size_t best = 0;
  for (std::size_t k = 1; k < decision.size(); ++k)
    if (decision[k][row] > decision[best][row]) best = k;
  return best;
}

ClassColumns probabilities(const ClassColumns& decision) {
  ClassColumns result;
  result.reserve(decision.size());
  for (const std::vector<double>& column : decision) {
    std::vector<double>& of_class = result.emplace_back(column.size());
    std::ranges::transform(column, of_class.begin(), sigmoid);
  }
  if (result.size() > 1) normalise(result);
  return result;
}

ConfusionMatrix confusion_matrix(const Scores& scores) {
  ConfusionMatrix confusion(scores.classes(), std::vector<std::int64_t>(scores.classes()));
  for (std::size_t row = 0; row < scores.truth.size(); ++row)
    ++confusion[static_cast<std::size_t>(scores.truth[row])][predicted_class(scores.decision, row)];
  return confusion;
}

double accuracy(const ConfusionMatrix& confusion) {
  std::int64_t right = 0;
  std::int64_t all = 0;
  for (std::size_t k = 0; k < confusion.size(); ++k) {
    right += confusion[k][k];
    for (const std::int64_t rows : confusion[k]) all += rows;
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

double log_loss(const Scores& scores) {
  constexpr double least = std::numeric_limits<double>::epsilon();
  const ClassColumns& probability = scores.probability;
  std::vector<double> losses(scores.truth.size());
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const auto truth = static_cast<std::size_t>(scores.truth[i]);
    double p = 0;
    if (probability.size() == 1) {
      p = truth == 1 ? probability.front()[i] : 1 - probability.front()[i];
    } else {
      p = probability[truth][i];
    }
    losses[i] = -std::log(std::clamp(p, least, 1 - least));
  }
  return pairwise_sum(losses) / static_cast<double>(losses.size());
}

WeightedScores weighted_scores(const ConfusionMatrix& confusion) {
  WeightedScores scores;
  double rows = 0;
  for (std::size_t k = 0; k < confusion.size(); ++k) {
    const auto hits = static_cast<double>(confusion[k][k]);
    double is_true = 0;
    double predicted = 0;
    for (std::size_t other = 0; other < confusion.size(); ++other) {
      is_true += static_cast<double>(confusion[k][other]);
      predicted += static_cast<double>(confusion[other][k]);
    }
    scores.precision += is_true * ratio(hits, predicted);
    scores.recall += is_true * ratio(hits, is_true);
    scores.f1 += is_true * ratio(2 * hits, is_true + predicted);
    rows += is_true;
  }
  return {scores.precision / rows, scores.recall / rows, scores.f1 / rows};
}

std::vector<RocCurve> roc_curves(const Scores& scores) {
  std::vector<RocCurve> curves;
  curves.reserve(scores.probability.size());
  for_each_class(scores, [&](std::span<const std::int32_t> flags, const auto& probability) {
    curves.push_back(roc_curve(flags, probability));
  });
  return curves;
}

std::vector<PrecisionRecallCurve> precision_recall_curves(const Scores& scores) {
  std::vector<PrecisionRecallCurve> curves;
  curves.reserve(scores.probability.size());
  for_each_class(scores, [&](std::span<const std::int32_t> flags, const auto& probability) {
    curves.push_back(precision_recall_curve(flags, probability));
  });
  return curves;
}

double mean_area_under(const std::vector<RocCurve>& curves) {
  std::vector<double> areas(curves.size());
  std::ranges::transform(curves, areas.begin(), area_under);
  return pairwise_sum(areas) / static_cast<double>(areas.size());
}

double area_of_pairs(const Scores& scores) {
  const std::vector<std::vector<std::size_t>> rows = rows_by_class(scores);
  double areas = 0;
  double weights = 0;
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t b = a + 1; b < rows.size(); ++b) {
      const auto weight = static_cast<double>(rows[a].size() + rows[b].size());
      areas += weight *
               (area_between(scores.probability[a], rows[a], rows[b]) +
                area_between(scores.probability[b], rows[b], rows[a])) /
               2;
      weights += weight;
    }
  }
  return areas / weights;
}

TestMetrics test_metrics(const Scores& scores) {
  TestMetrics metrics;
  metrics.confusion = confusion_matrix(scores);
  metrics.accuracy = accuracy(metrics.confusion);
  metrics.log_loss = log_loss(scores);
  metrics.roc = roc_curves(scores);
  metrics.auc = mean_area_under(metrics.roc);
  return metrics;
}

TrainingMetrics training_metrics(const Scores& scores) {
  const ConfusionMatrix confusion = confusion_matrix(scores);
  TrainingMetrics metrics;
  metrics.weighted = weighted_scores(confusion);
  metrics.accuracy = accuracy(confusion);
  metrics.log_loss = log_loss(scores);
  metrics.auc = scores.classes() == 2 ? mean_area_under(roc_curves(scores)) : area_of_pairs(scores);
  return metrics;
}

}  // namespace gradstep
