#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "steps/common_options.hpp"
#include "steps/log.hpp"

namespace gradstep {

/// What score-model is asked to do.
struct ScoreModelOptions {
  std::filesystem::path model;        ///< a folder that train-model wrote
  std::string input_data;             ///< a file, a folder of *.csv, or "-"
  std::filesystem::path output_data;  ///< a folder
  CommonOptions common;
};

/// What score-model did.
struct ScoreModelResult {
  std::filesystem::path file;
  std::int64_t rows = 0;
};

/// Says for every row what the model predicts: writes a CSV of label, probability_0, probability_1
/// and so on for each class in the order of the input, named as prep-data names its file, and
/// score_report.json. Where the model holds a scaler, the rows are raw ones.
///
/// @throws UsageError          a path is empty
/// @throws DataError           the model is damaged, not whole or another tool's; a feature's
///                             column is missing; a feature is no finite number (file, line,
///                             column and what was found), or too large to compute with: of
///                             several the first; the result would replace the input, or lie
///                             in the folder of the input
/// @throws BackendUnavailable  --device cuda without a usable GPU
/// @throws IoError             cannot read or write
///
/// Memory: a few blocks of rows, whatever the input's size. An older result stays until the new one
/// is whole. Result: the same bytes for any number of threads and any device.
/// Agreement: label, and probabilities to 1e-15, of predict() and predict_proba() on the same
/// model, but for rows of three classes and more that no class is likely for: 1/K each, not 0.
/// Source: scikit-learn 1.9, `LogisticRegression`, `OneVsRestClassifier`, behind `MinMaxScaler`.
ScoreModelResult score_model(const ScoreModelOptions& options, const Log& log);

}  // namespace gradstep
