#pragma once

#include <vector>

#include "kernels/model_path.hpp"

namespace gradstep {

/// What a model says about the rows of the fold that it left out, unweighted.
struct HeldOutScores {
  double log_loss = 0;  ///< mean of -log(p or 1 - p), as rounded, clipped to [2^-52, 1 - 2^-52]
  double accuracy = 0;  ///< the share of rows predicted right; positive is x.w + b > 0
  double auc = 0;       ///< by x.w + b; NaN where the fold's rows are of one class
};

/// Scores of every held-out model of a path on its fold, in their order. A fold without rows has
/// NaN.
///
/// @param path  what fit_path() made of `problem`
/// @throws InvalidArgument  when it is not: the numbers of models or of coefficients differ
///
/// Work: one read of X for up to eight rates, and area_under_roc() of each model. Memory: the
/// decisions of up to eight rates at a time, a quarter of X or 64 MB, and 12 bytes a row.
/// Agreement: same bits for any `threads`. It runs on the CPU, also for models that a GPU has
/// fitted. Source: scikit-learn 1.9, the scorers neg_log_loss, accuracy and roc_auc of
/// GridSearchCV.
[[nodiscard]] std::vector<HeldOutScores> score_held_out(const PathProblem& problem,
                                                        const ModelPath& path, int threads);

}  // namespace gradstep
