#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "steps/labels.hpp"

namespace gradstep {

enum class ClassWeighting { none, balanced, by_label };

/// How much the rows of each class count in training: scikit-learn's class_weight.
struct ClassWeight {
  ClassWeighting weighting = ClassWeighting::none;
  std::vector<std::pair<std::string, double>> by_label;  ///< of the classes that are not to have 1
};

/// Takes none, balanced, or LABEL:WEIGHT,LABEL:WEIGHT with weights > 0; '' is none. Commas part the
/// pairs, and the last colon of a pair its label from its weight, so a label with a comma cannot be
/// named. Blanks around a label, unless it has them itself, and around a weight do not count.
/// @throws UsageError
[[nodiscard]] ClassWeight parse_class_weight(const std::string& text);

/// What the rows of each class count, times their own weights.
struct ClassWeights {
  std::vector<double> of_class;  ///< length K
  /// Where each of K >= 3 classes is balanced against the others, which is another problem each:
  /// what the rows of the others count in that of class k. Otherwise empty.
  std::vector<double> of_others = {};
};

/// The weights of `rows`, added up by class.
/// @param row_weight  by row number; or empty: all 1
[[nodiscard]] std::vector<double> weight_by_class(const Labels& labels,
                                                  std::span<const std::int64_t> rows,
                                                  std::span<const double> row_weight);

/// Refuses sums of weight_by_class() that no model can be trained with.
/// @param which  the rows, where they are not all of the training: "without fold 2 "
/// @throws DataError  a class weighs nothing, and might as well be absent; or they do not add up
void expect_weights(const std::vector<double>& sums, const Labels& labels,
                    const std::string& which = "");

/// What `chosen` comes to for each class. Balanced is the weight of all training rows divided by
/// that of the class, and by 2; 1 for a class that has none.
///
/// @param train       the training rows
/// @param row_weight  by row number; or empty: all 1
/// @throws UsageError  a label named is no class of the data, or named twice
/// Source: scikit-learn 1.9, `compute_class_weight`, with its `sample_weight`; equal in all bits.
/// Three classes and more are balanced as in OneVsRestClassifier(LogisticRegression(...)).
[[nodiscard]] ClassWeights class_weights(const ClassWeight& chosen, const Labels& labels,
                                         std::span<const std::int64_t> train,
                                         std::span<const double> row_weight);

/// Multiplies each row's weight by that of its class, if that is the same in every problem.
/// @param row_weight  length n; or empty, which stands for 1 everywhere and stays so if it can
void weigh_classes(const ClassWeights& weights, const Labels& labels,
                   std::vector<double>& row_weight);

}  // namespace gradstep
