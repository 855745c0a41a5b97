#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/csv/table.hpp"
#include "steps/labels.hpp"
#include "steps/log.hpp"
#include "steps/mlflow/trained_model.hpp"

namespace gradstep {

/// What a model is trained and tested with. Owns the columns that `features` points into.
struct TrainingData {
  csv::Table table;
  Labels labels;
  std::vector<const double*> features;     ///< d columns of rows() finite values each
  std::vector<FeatureType> feature_types;  ///< length d: what the files hold

  [[nodiscard]] std::int64_t rows() const { return table.rows(); }
};

/// Reads the columns needed and nothing else.
///
/// @param features  names, in the order the model takes them, each once
/// @throws DataError  when a column is missing, a feature is no finite number (file, line, column
///                    and what was found), or the labels are not of two classes
/// @throws IoError    when a file cannot be read
/// Memory: 8 bytes a row for each feature, 12 for the label.
[[nodiscard]] TrainingData read_training_data(
    const std::vector<std::shared_ptr<const csv::Source>>& sources,
    const std::vector<std::string>& features, const std::string& label, int threads,
    const Log& log);

/// x.w + b for every row: products added from the first feature to the last, then b.
[[nodiscard]] std::vector<double> decisions(const TrainingData& data, std::span<const double> w,
                                            double b, int threads);

}  // namespace gradstep
