#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/core/backend.hpp"
#include "kernels/row_blocks.hpp"
#include "steps/split.hpp"
#include "steps/train_options.hpp"
#include "steps/training_data.hpp"

namespace gradstep {

/// One score of a rate's models, each on the rows of the fold that it was trained without.
struct FoldScores {
  std::vector<double> of_fold;
  double mean = 0;
  double deviation = 0;       ///< root of the mean square distance from the mean
  double standard_error = 0;  ///< of the mean: deviation / sqrt(folds - 1)
};

/// @param of_fold  two or more; where one is NaN, so is the rest
/// Agreement: mean and deviation have all bits of the mean_test_... and std_test_... of
/// scikit-learn 1.9's `GridSearchCV.cv_results_`.
[[nodiscard]] FoldScores fold_scores(std::vector<double> of_fold);

/// What cross-validation says of a rate.
struct RateScores {
  double reg_rate = 0;
  FoldScores auc, accuracy, log_loss;
  std::vector<double> coefficients;  ///< length d, of the model of all training rows
  double intercept = 0;              ///< of the same
};

[[nodiscard]] const FoldScores& scores_by(const RateScores& rate, Criterion criterion);

/// Places in cv_results_: 1 for the greatest, equal ones share the better place, NaN is the least.
[[nodiscard]] std::vector<std::int64_t> ranks(std::span<const double> values);

/// The rates that cross-validation picks, as indices into those it was asked for.
struct RateChoice {
  std::size_t best = 0;    ///< of the best mean, the first of equals
  std::size_t chosen = 0;  ///< the best; or the greatest rate whose mean is at most one standard
                           ///< error of the best's worse than that
};

/// Source: scikit-learn 1.9, `GridSearchCV.best_index_`; Hastie, Tibshirani, Friedman, The Elements
/// of Statistical Learning (2009), 7.10: the one-standard-error rule.
[[nodiscard]] RateChoice choose_rate(const std::vector<RateScores>& rates, Criterion selection,
                                     bool one_standard_error);

struct CrossValidation {
  std::vector<RateScores> rates;  ///< in the order asked for
  RateChoice choice;
  std::int64_t models = 0;       ///< fitted: each rate without each fold, and with all
  std::int64_t unconverged = 0;  ///< of them

  [[nodiscard]] double chosen_rate() const { return rates[choice.chosen].reg_rate; }
};

/// Fits every rate without each fold of the training rows, scores it on that fold, and chooses.
///
/// The folds are those of scikit-learn's StratifiedKFold or KFold with shuffle=True and the split's
/// random_state, on the training rows in the split's order. Rows and classes weigh in the fits and
/// not in the scores, and weights that are balanced are those of the rows that a model is trained
/// with, as GridSearchCV has them.
///
/// @param data  its row weights are those of the rows alone, without their classes'
/// @param rows  data.row_blocks()
/// @throws UsageError  when the machine has no memory for so many models
/// @throws DataError  as expect_trainable() does, when there are too few rows for the folds, when
///                    the rows without a fold are of one class or one class of them weighs nothing,
///                    when their weights add up to no number, or when rates are chosen by AUC and a
///                    fold is of one class
/// Memory beyond the data: that of fit_path() and score_held_out().
[[nodiscard]] CrossValidation cross_validate(const TrainingData& data, const RowBlocks& rows,
                                             const Split& split, const PathOptions& path,
                                             const TrainOptions& options, int threads,
                                             Backend backend);

}  // namespace gradstep
