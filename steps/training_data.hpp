#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/row_blocks.hpp"
#include "steps/csv/source.hpp"
#include "steps/csv/table.hpp"
#include "steps/labels.hpp"
#include "steps/log.hpp"
#include "steps/mlflow/trained_model.hpp"

namespace gradstep {

/// The names of the columns that a model is made of.
struct TrainingColumns {
  std::vector<std::string> features;  ///< in the order the model takes them, each once
  std::string label;                  ///< may be a feature, too
  std::string weight;                 ///< neither; empty: every row weighs 1
};

/// What a model is trained and tested with. Owns the columns that `features` points into.
struct TrainingData {
  csv::Table table;  ///< whose label and weight have no cells any more, but for those of features
  Labels labels;
  std::vector<const csv::Cells*> columns;  ///< d of rows() finite float64 values each
  std::vector<const double*> features;     ///< the values of `columns`
  std::vector<FeatureType> feature_types;  ///< length d: what the files hold
  std::vector<double> row_weight;          ///< length n, finite, >= 0; or empty: all 1

  [[nodiscard]] std::int64_t rows() const { return table.rows(); }
  /// The features, for as long as this lives.
  /// @param resident_bytes  how much of features on disk may stay in memory between two reads
  [[nodiscard]] std::unique_ptr<RowBlocks> row_blocks(std::int64_t resident_bytes = 0) const;
  /// Asks for the features of `rows`, which will be read soon and at random, if they are on disk.
  void prefetch(std::span<const std::int64_t> rows) const;
};

/// Reads the columns needed and nothing else.
///
/// @param cells_in  where the columns are kept
/// @throws DataError  when a column is missing, a feature is no finite number or a weight none that
///                    is 0 or more (file, line, column and what was found), or the labels
///                    are refused by read_labels()
/// @throws IoError    when a file cannot be read, or a temporary one not be written
/// Memory: 8 bytes a row for each feature, 4 for the label, 8 more while it is read; 8 for the
/// weight, 8 more while it is read; with columns on disk 12 in all, 20 with weights.
[[nodiscard]] TrainingData read_training_data(
    const std::vector<std::shared_ptr<const csv::Source>>& sources, const TrainingColumns& names,
    int threads, const Log& log, csv::CellPlace cells_in = csv::CellPlace::memory);

/// x.w + b for every row and each of `models`: products added from the first feature to the last,
/// then b. One read of X.
/// @param rows  float64, n by d
[[nodiscard]] std::vector<std::vector<double>> decisions(const RowBlocks& rows,
                                                         std::span<const ClassModel> models,
                                                         int threads);

}  // namespace gradstep
