#include "steps/cross_validation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string>
#include <utility>

#include "kernels/core/error.hpp"
#include "kernels/folds.hpp"
#include "kernels/held_out_scores.hpp"
#include "kernels/model_path.hpp"
#include "steps/available_memory.hpp"
#include "steps/class_weight.hpp"
#include "steps/fit_model.hpp"
#include "steps/roc.hpp"
#include "steps/training_memory.hpp"

namespace gradstep {
namespace {

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

/// The fold that tests each training row; -1 for the test rows.
std::vector<std::int32_t> folds_of_rows(const Labels& labels, const Split& split,
                                        const PathOptions& path, std::uint32_t seed) {
  std::vector<std::int32_t> of_train;
  if (path.stratified) {
    std::vector<std::int32_t> classes(split.train.size());
    std::ranges::transform(split.train, classes.begin(),
                           [&](std::int64_t row) { return labels.class_of_row[index(row)]; });
    of_train = stratified_folds(classes, path.folds, seed);
  } else {
    of_train = k_folds(std::ssize(split.train), path.folds, seed);
  }
  std::vector<std::int32_t> fold_of_row(labels.class_of_row.size(), -1);
  for (std::size_t i = 0; i < of_train.size(); ++i)
    fold_of_row[index(split.train[i])] = of_train[i];
  return fold_of_row;
}

using ClassCounts = std::array<std::int64_t, 2>;

/// What to ask for instead of folds that cannot be.
std::string advice(const PathOptions& path, bool of_the_selection) {
  std::string text;
  const auto add = [&text](const char* what) {
    text += (text.empty() ? "; ask for " : ", or for ") + std::string(what);
  };
  if (path.folds > 2) add("fewer folds");
  if (!path.stratified) add("--stratified true");
  if (of_the_selection) add("another --selection");
  return text;
}

void expect_usable_folds(const Labels& labels, const std::vector<std::int32_t>& fold_of_row,
                         const PathOptions& path) {
  std::vector<ClassCounts> of_fold(index(path.folds));
  ClassCounts all{};
  for (std::size_t row = 0; row < fold_of_row.size(); ++row) {
    if (fold_of_row[row] < 0) continue;
    const std::size_t of_row = index(labels.class_of_row[row]);
    ++of_fold[index(fold_of_row[row])][of_row];
    ++all[of_row];
  }
  for (std::size_t fold = 0; fold < of_fold.size(); ++fold) {
    const std::string name =
        "fold " + std::to_string(fold + 1) + " of " + std::to_string(path.folds);
    for (std::size_t k = 0; k < all.size(); ++k) {
      if (of_fold[fold][k] == all[k])
        throw DataError("without " + name + " the training rows are all of one class, " +
                        class_text(labels.classes[1 - k]) + advice(path, false));
      if (of_fold[fold][k] == 0 && path.selection == Criterion::auc)
        throw DataError("the rows of " + name + " are all of one class, " +
                        class_text(labels.classes[1 - k]) + ", so that AUC is not defined" +
                        advice(path, true));
    }
  }
}

/// What the classes count in the model that is trained without a fold, or with all for -1.
TwoClassWeights weights_without(int fold, const TrainingData& data, const Split& split,
                                const std::vector<std::int32_t>& fold_of_row,
                                const ClassWeight& chosen) {
  std::vector<std::int64_t> rows;
  rows.reserve(split.train.size());
  std::ranges::copy_if(split.train, std::back_inserter(rows),
                       [&](std::int64_t row) { return fold_of_row[index(row)] != fold; });
  expect_weights(weight_by_class(data.labels, rows, data.row_weight), data.labels,
                 fold < 0 ? "" : "without fold " + std::to_string(fold + 1) + ' ');
  const ClassWeights weights = class_weights(chosen, data.labels, rows, data.row_weight);
  return {weights.of_class[0], weights.of_class[1]};
}

/// Of the models of fit_path(): with all rows, then without each fold; none where all are 1.
std::vector<TwoClassWeights> weights_of_models(const TrainingData& data, const Split& split,
                                               const std::vector<std::int32_t>& fold_of_row,
                                               int folds, const ClassWeight& chosen) {
  std::vector<TwoClassWeights> weights;
  if (chosen.weighting == ClassWeighting::none && data.row_weight.empty()) return weights;
  weights.reserve(index(folds) + 1);
  for (int fold = -1; fold < folds; ++fold)
    weights.push_back(weights_without(fold, data, split, fold_of_row, chosen));
  return weights;
}

RateScores scores_of_rate(double rate, std::span<const HeldOutScores> of_folds, const Fit& whole) {
  const auto each = [&](double HeldOutScores::* score) {
    std::vector<double> values(of_folds.size());
    std::ranges::transform(of_folds, values.begin(), score);
    return fold_scores(std::move(values));
  };
  return {.reg_rate = rate,
          .auc = each(&HeldOutScores::auc),
          .accuracy = each(&HeldOutScores::accuracy),
          .log_loss = each(&HeldOutScores::log_loss),
          .coefficients = whole.coefficients,
          .intercept = whole.intercept};
}

/// The mean score, greater for a better one.
double goodness(const RateScores& rate, Criterion criterion) {
  const double mean = scores_by(rate, criterion).mean;
  return criterion == Criterion::log_loss ? -mean : mean;
}

}  // namespace

FoldScores fold_scores(std::vector<double> of_fold) {
  const auto folds = static_cast<double>(of_fold.size());
  FoldScores scores;
  scores.mean = pairwise_sum(of_fold) / folds;
  std::vector<double> squares(of_fold.size());
  std::ranges::transform(of_fold, squares.begin(), [&](double score) {
    return (score - scores.mean) * (score - scores.mean);
  });
  scores.deviation = std::sqrt(pairwise_sum(squares) / folds);
  scores.standard_error = scores.deviation / std::sqrt(folds - 1);
  scores.of_fold = std::move(of_fold);
  return scores;
}

const FoldScores& scores_by(const RateScores& rate, Criterion criterion) {
  if (criterion == Criterion::auc) return rate.auc;
  return criterion == Criterion::accuracy ? rate.accuracy : rate.log_loss;
}

std::vector<std::int64_t> ranks(std::span<const double> values) {
  const auto is_below = [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; };
  std::vector<std::int64_t> places(values.size());
  std::ranges::transform(values, places.begin(), [&](double value) {
    return 1 + std::ranges::count_if(values, [&](double other) { return is_below(value, other); });
  });
  return places;
}

RateChoice choose_rate(const std::vector<RateScores>& rates, Criterion selection,
                       bool one_standard_error) {
  RateChoice choice;
  for (std::size_t r = 1; r < rates.size(); ++r)
    if (goodness(rates[r], selection) > goodness(rates[choice.best], selection)) choice.best = r;
  choice.chosen = choice.best;
  if (!one_standard_error) return choice;
  const RateScores& best = rates[choice.best];
  const double good_enough = goodness(best, selection) - scores_by(best, selection).standard_error;
  for (std::size_t r = 0; r < rates.size(); ++r)
    if (goodness(rates[r], selection) >= good_enough &&
        rates[r].reg_rate > rates[choice.chosen].reg_rate)
      choice.chosen = r;
  return choice;
}

CrossValidation cross_validate(const TrainingData& data, const RowBlocks& rows, const Split& split,
                               const PathOptions& path, const TrainOptions& options, int threads,
                               Backend backend) {
  expect_trainable(data, split);
  expect_room_for_path(std::ssize(path.reg_rates), path.folds, std::ssize(data.features),
                       available_memory());
  const std::vector<std::int32_t> fold_of_row =
      folds_of_rows(data.labels, split, path, options.random_state);
  expect_usable_folds(data.labels, fold_of_row, path);
  const std::vector<TwoClassWeights> weights =
      weights_of_models(data, split, fold_of_row, path.folds, options.class_weight);
  const PathProblem problem{.rows = &rows,
                            .class_of_row = data.labels.class_of_row,
                            .fold_of_row = fold_of_row,
                            .row_weight = data.row_weight,
                            .folds = path.folds,
                            .rates = path.reg_rates,
                            .penalize_intercept = options.penalize_intercept,
                            .class_weights = weights};
  const ModelPath fits = fit_path(problem, solver_options(options, threads, backend));
  const std::vector<HeldOutScores> scores = score_held_out(problem, fits, threads);

  CrossValidation found;
  const std::size_t folds = index(path.folds);
  found.rates.reserve(path.reg_rates.size());
  for (std::size_t r = 0; r < path.reg_rates.size(); ++r)
    found.rates.push_back(scores_of_rate(
        path.reg_rates[r], std::span(scores).subspan(r * folds, folds), fits.whole[r]));
  found.choice = choose_rate(found.rates, path.selection, path.one_standard_error);
  const auto did_not = [](const Fit& fit) { return !fit.converged; };
  found.models = std::ssize(fits.whole) + std::ssize(fits.held_out);
  found.unconverged =
      std::ranges::count_if(fits.whole, did_not) + std::ranges::count_if(fits.held_out, did_not);
  return found;
}

}  // namespace gradstep
