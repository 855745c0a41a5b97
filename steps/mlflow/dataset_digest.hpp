#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "steps/csv/table.hpp"
#include "steps/training_data.hpp"

namespace gradstep {

/// The digest of the arrays X[rows] and, with `targets`, y[rows]: 8 hexadecimal digits.
///
/// Cost: looks at 10,000 numbers of each.
/// Agreement: equal, but for integers beyond 2^53 among the features, which are doubles here.
/// Source: mlflow 3.17 with pandas 3.1 (before 3, pandas told 0.0 from -0.0),
/// `mlflow.data.digest_utils.compute_numpy_digest` of X int64 when all columns are, boolean when
/// all are, else float64 (pandas itself would make objects of booleans beside numbers); texts in y
/// as objects.
[[nodiscard]] std::string dataset_digest(const TrainingData& data,
                                         std::span<const std::int64_t> rows, bool targets);

/// The digest of a data frame: 8 hexadecimal digits. Before rows are dropped or columns converted.
///
/// Cost: looks at the first 10,000 rows; reads the texts among them again.
/// Source: mlflow 3.17 with pandas 3.1, `mlflow.data.digest_utils.compute_pandas_digest`; of
/// several files as concat(ignore_index=True) joins them.
[[nodiscard]] std::string dataset_digest(const csv::Table& table);

/// numpy's name of the type of X, as the digest takes it: int64, bool or float64.
[[nodiscard]] const char* dtype_of_features(const TrainingData& data);
/// numpy's name of the type of the labels: int64, uint64, bool, float64 or object.
[[nodiscard]] const char* dtype_of_targets(const TrainingData& data);

}  // namespace gradstep
