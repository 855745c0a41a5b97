#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "steps/mlflow/trained_model.hpp"

namespace gradstep {

/// A feature as it was before prep-data scaled it.
struct RawFeature {
  FeatureType type = FeatureType::real;
  std::vector<double> first_values;  ///< of the first rows of the prepared file, up to five
};

/// What prep-data did to a model's features.
struct ScalerOfData {
  FeatureScaler scaler;  ///< for all of them
  /// By feature; nullopt: it was not scaled, and the training data show it raw.
  std::vector<std::optional<RawFeature>> raw;
};

/// Reads the prep_report.json that lies beside the training data.
///
/// @param training_data  what --training_data names: a file, or a folder with one CSV
/// @param features       the model's, in its order
/// @throws DataError  when there is no report, when it is damaged, about another file than the
///                    training data or without all that is needed, or when a feature was scaled
///                    although it held no number
/// @throws IoError    when the report or the data cannot be read
[[nodiscard]] ScalerOfData read_scaler(const std::string& training_data,
                                       const std::vector<std::string>& features);

/// Refuses training data that prep-data did not write: there are more or fewer rows, or the first
/// are others.
///
/// @param features  d columns of `rows` values
/// @throws DataError
void expect_scaled_rows(const ScalerOfData& data, const std::string& training_data,
                        std::span<const double* const> features, std::int64_t rows);

/// Makes a model of scaled rows one of raw rows: gives it the scaler, and changes its feature types
/// and its example.
void include_scaler(const ScalerOfData& data, TrainedModel& model);

}  // namespace gradstep
