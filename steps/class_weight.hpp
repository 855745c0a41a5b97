#pragma once

#include <array>
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
/// named.
/// @throws UsageError
[[nodiscard]] ClassWeight parse_class_weight(const std::string& text);

/// The weights of `rows`, added up by class.
/// @param row_weight  by row number; or empty: all 1
[[nodiscard]] std::array<double, 2> weight_by_class(const Labels& labels,
                                                    std::span<const std::int64_t> rows,
                                                    std::span<const double> row_weight);

/// What `chosen` comes to for each class. Balanced is the weight of all training rows divided by
/// that of the class, and by 2; 1 for a class that has none.
///
/// @param train       the training rows
/// @param row_weight  by row number; or empty: all 1
/// @throws UsageError  a label named is no class of the data, or named twice
/// Source: scikit-learn 1.9, `compute_class_weight`, with its `sample_weight`; equal in all bits.
[[nodiscard]] std::array<double, 2> class_weights(const ClassWeight& chosen, const Labels& labels,
                                                  std::span<const std::int64_t> train,
                                                  std::span<const double> row_weight);

/// Multiplies each row's weight by that of its class.
/// @param row_weight  length n; or empty, which stands for 1 everywhere and stays so if it can
void weigh_classes(const std::array<double, 2>& weights, const Labels& labels,
                   std::vector<double>& row_weight);

}  // namespace gradstep
