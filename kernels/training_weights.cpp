#include "kernels/training_weights.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <numeric>

namespace gradstep {
namespace {

// What decides how much the rows that train a model weigh.
struct TrainingRows {
  int held_out_fold;
  int positive_class;  // 0 where it does not matter
  TwoClassWeights class_weights;

  explicit TrainingRows(const Model& model)
      : held_out_fold(model.held_out_fold),
        positive_class(model.class_weights == TwoClassWeights{} ? 0 : model.positive_class),
        class_weights(model.class_weights) {}
  auto operator<=>(const TrainingRows&) const = default;
};

// The sum of the weights of these rows.
double training_weight(const LogisticProblem& problem, const TrainingRows& rows) {
  const auto trains = [&](std::int32_t fold) { return fold >= 0 && fold != rows.held_out_fold; };
  const auto& folds = problem.fold_of_row;
  const auto& weights = problem.row_weight;
  if (rows.class_weights != TwoClassWeights{}) {
    double sum = 0;
    for (std::size_t row = 0; row < problem.class_of_row.size(); ++row)
      if (folds.empty() || trains(folds[row]))
        sum += (weights.empty() ? 1 : weights[row]) *
               (problem.class_of_row[row] == rows.positive_class ? rows.class_weights.positive
                                                                 : rows.class_weights.negative);
    return sum;
  }
  if (weights.empty())
    return static_cast<double>(folds.empty() ? problem.rows->rows()
                                             : std::count_if(folds.begin(), folds.end(), trains));
  if (folds.empty()) return std::accumulate(weights.begin(), weights.end(), 0.0);
  return std::transform_reduce(
      weights.begin(), weights.end(), folds.begin(), 0.0, std::plus<>(),
      [&](double weight, std::int32_t fold) { return trains(fold) ? weight : 0; });
}

}  // namespace

std::vector<double> training_weights(const LogisticProblem& problem, const Reduce& reduce) {
  std::map<TrainingRows, double> of_rows;
  std::vector<double> weights;
  weights.reserve(problem.models.size());
  for (const Model& model : problem.models) {
    const auto [found, is_new] = of_rows.try_emplace(TrainingRows(model));
    if (is_new) found->second = training_weight(problem, found->first);
    weights.push_back(found->second);
  }
  if (reduce) reduce(weights);
  return weights;
}

}  // namespace gradstep
