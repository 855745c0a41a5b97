#pragma once

#include <string>

#include "steps/cv_results.hpp"
#include "steps/metrics_report.hpp"
#include "steps/mlflow/model_writer.hpp"
#include "steps/plot/draw_pictures.hpp"
#include "steps/scored_rows.hpp"
#include "steps/split.hpp"
#include "steps/tracking/record.hpp"
#include "steps/training_data.hpp"

namespace gradstep {

/// What is known before a training has begun: the program, the time, params that flags decide.
[[nodiscard]] RunRecord started_training(const TrainOptions& options);

/// What a training leaves to be told: the names and values of scikit-learn's autologging, Accuracy,
/// AUC and log_loss of the test rows, and the training's curve (joint_curve()): loss (the objective
/// divided by what the training rows weigh; of three classes and more the sum of the classes') and
/// gradient_norm, by iteration.
///
/// @param record  that of started_training()
/// @param user    TrackingSettings::user
void add_results(RunRecord& record, const std::string& user, const TrainReport& report,
                 const TrainingData& data, const Split& split);

/// Adds the pictures of the test rows, and draws those of the training rows, under autologging's
/// names.
void add_pictures(RunRecord& record, const PictureFiles& test, const ScoredRows& training,
                  const Labels& labels);

/// Adds what autologging tells of GridSearchCV, where cross-validation has chosen the rate: what
/// was asked, best_reg_rate, best_C and best_cv_score, the table, the pictures, and a child run for
/// each of the five best rates.
void add_cross_validation(RunRecord& record, const TrainReport& report,
                          const CrossValidationFiles& files);

/// Adds coefficients.csv, whose text `table` is.
void add_coefficients(RunRecord& record, const std::string& table);

/// Adds the model that `writer` has written.
void add_model(RunRecord& record, const ModelWriter& writer, const TrainOptions& options);

}  // namespace gradstep
