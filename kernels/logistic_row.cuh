#pragma once

#include <cstdint>

// What one row means to one model, on the device: the arithmetic that the sums over rows share.

namespace gradstep::cuda {

/// Which rows train the model of a point, in device memory.
struct Slot {
  std::int16_t positive_class;
  std::int16_t held_out_fold;  ///< -1: none
  std::int32_t active;         ///< 0: the point is skipped and its sums are not written
  double negative_weight;      ///< of a row, times its own
  double positive_weight;
};

/// What is known of the rows beside X, in device memory; length n each.
struct Targets {
  const std::int16_t* class_of_row;
  const std::int16_t* fold_of_row;  ///< -1: trains no model; nullptr: every row trains every model
  const double* row_weight;         ///< nullptr: all 1
  bool weighted;                    ///< false: rows and classes all count 1
};

/// The same of one row, for any model.
struct RowTargets {
  std::int16_t of_class;
  std::int16_t fold;  ///< -2: there are no folds
  double weight;      ///< 0: trains no model
};

__device__ inline RowTargets targets_of_row(const Targets& targets, std::int64_t row) {
  const std::int16_t fold = targets.fold_of_row == nullptr ? -2 : targets.fold_of_row[row];
  const double weight = targets.row_weight == nullptr ? 1.0 : targets.row_weight[row];
  return {targets.class_of_row[row], fold, fold == -1 ? 0.0 : weight};
}

/// What a model makes of a row: +1 or -1, and how much the row counts (0: not at all).
struct Target {
  double sign;
  double weight;
};

__device__ inline Target target_of(const RowTargets& row, const Slot& slot) {
  const bool positive = row.of_class == slot.positive_class;
  const double of_class = positive ? slot.positive_weight : slot.negative_weight;
  return {positive ? 1.0 : -1.0, row.fold == slot.held_out_fold ? 0.0 : row.weight * of_class};
}
__device__ inline Target target_of(const Targets& targets, const Slot& slot, std::int64_t row) {
  return target_of(targets_of_row(targets, row), slot);
}

/// y z. A row that does not count may hold values that overflow z: 0 times infinity is not 0.
__device__ inline double margin_of(double z, const Target& target) {
  return target.weight > 0 ? target.sign * z : 0.0;
}

/// A row's share of the loss, and d loss / d z.
struct RowTerm {
  double loss;
  double residual;
};

/// d loss / d z, where e = e^-|margin|. It is taken from the margin and not as p - y, which would
/// lose its digits where p is close to y.
__device__ inline double residual_of(double margin, double e, const Target& target) {
  return -target.sign * target.weight * (margin < 0 ? 1.0 : e) / (1 + e);
}

/// One exponential for both.
__device__ inline RowTerm term_of(double z, const Target& target) {
  const double margin = margin_of(z, target);
  const double e = exp(-fabs(margin));
  return {target.weight * ((margin < 0 ? -margin : 0.0) + log1p(e)),
          residual_of(margin, e, target)};
}

/// weight p (1-p) = weight e / (1+e)^2, d^2 loss / d z^2.
__device__ inline double curvature_of(double z, const Target& target) {
  const double e = exp(-fabs(margin_of(z, target)));
  return target.weight * e / ((1 + e) * (1 + e));
}

}  // namespace gradstep::cuda
