#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gradstep {

/// The fold that tests each row, 0 ... folds - 1: consecutive runs of rows, or of a permutation of
/// them, whose lengths differ by one at most.
///
/// @param rows   n, at most 2^32
/// @param folds  >= 2
/// @param seed   scikit-learn's random_state; none: the rows are not shuffled
/// @throws DataError        when there are fewer rows than folds
/// @throws InvalidArgument  when rows or folds is out of its range
///
/// Memory: 8 bytes a row, 4 of them the answer. Agreement: the same rows as the source's.
/// Source: scikit-learn 1.9, `KFold(folds, shuffle=..., random_state=seed)`.
[[nodiscard]] std::vector<std::int32_t> k_folds(std::int64_t rows, int folds,
                                                std::optional<std::uint32_t> seed);

/// The same, with about the same share of every class in each fold.
///
/// @param class_of_row  length n, >= 0
/// @throws DataError        when every class has fewer rows than there are folds
/// @throws InvalidArgument  when n or folds is out of its range, or a class is below 0
///
/// Memory: 16 to 24 bytes a row, 4 of them the answer, and 8 for each number up
/// to the largest class. Agreement: the same rows as the source's.
/// Source: scikit-learn 1.9, `StratifiedKFold(folds, shuffle=..., random_state=seed)`.
[[nodiscard]] std::vector<std::int32_t> stratified_folds(std::span<const std::int32_t> class_of_row,
                                                         int folds,
                                                         std::optional<std::uint32_t> seed);

}  // namespace gradstep
