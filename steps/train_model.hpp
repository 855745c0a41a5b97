#pragma once

#include <filesystem>

#include "steps/train_options.hpp"

namespace gradstep {

/// The step train-model: reads, splits, trains, tests, draws, writes; prints accuracy and AUC of
/// the test rows to stdout, and before them the rate where that was chosen.
///
/// @throws UsageError  when flags contradict each other
/// @throws Error       as the parts do (read_training_data, fit_model, draw_pictures, ModelWriter)
void train_model(const TrainOptions& options);

/// Where the pictures go when nothing is said: ./outputs within an Azure ML job, which uploads that
/// folder, else the folder plots beside the model.
[[nodiscard]] std::filesystem::path plots_folder(const TrainOptions& options);

}  // namespace gradstep
