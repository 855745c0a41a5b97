#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/liblinear.hpp"
#include "steps/class_weight.hpp"
#include "steps/common_options.hpp"
#include "steps/tracking/settings.hpp"

namespace gradstep {

enum class Solver { gradient_descent, newton, liblinear };
enum class Precision { float64, mixed };
enum class Criterion { auc, accuracy, log_loss };

/// What is asked of a cross-validation, which chooses the rate.
struct PathOptions {
  std::vector<double> reg_rates;  ///< each once, as parse_reg_rates() takes them
  int folds = 5;                  ///< >= 2
  Criterion selection = Criterion::auc;
  bool one_standard_error = false;  ///< the greatest rate that is not clearly worse than the best
  bool stratified = true;           ///< every fold has about the same share of each class
};

/// What train-model is asked to do. The defaults are the lab's.
struct TrainOptions {
  std::string training_data;  ///< a file, a folder of *.csv, or "-"
  std::filesystem::path model_output;
  double reg_rate = 0.01;
  std::optional<PathOptions> path;  ///< absent: reg_rate is the rate
  std::vector<std::string> features{
      "Pregnancies",  "PlasmaGlucose", "DiastolicBloodPressure", "TricepsThickness",
      "SerumInsulin", "BMI",           "DiabetesPedigree",       "Age"};
  std::string label = "Diabetic";
  ClassWeight class_weight;
  std::string weight_column;  ///< what each row counts in training, times its class; empty: 1
  Solver solver = Solver::gradient_descent;
  std::optional<BlasKernel> liblinear_kernel;  ///< absent: that of this machine
  bool penalize_intercept = true;
  std::optional<double> tolerance;    ///< absent: 1e-8, or liblinear's own 1e-4
  std::optional<int> max_iterations;  ///< absent: 1000, or liblinear's own 100
  double test_size = 0.30;
  std::uint32_t random_state = 0;
  std::optional<std::filesystem::path> metrics_output;  ///< absent: metrics.json beside the model
  std::optional<std::filesystem::path> plots_output;    ///< absent: see plots_folder()
  Precision precision = Precision::float64;
  std::int64_t memory_limit = 0;  ///< bytes; the columns are then kept on disk; 0: in memory
  bool include_scaler = false;    ///< the model takes raw rows, scaled as prep_report.json says
  std::string python_version = "3.11.14";  ///< for the model's conda.yaml and MLmodel
  std::string register_model;              ///< name in the model registry; empty: do not register
  Tracking tracking = Tracking::automatic;
  CommonOptions common;
};

/// True when rows do not all count the same in training.
[[nodiscard]] bool weighs_rows(const TrainOptions& options);

/// The same with weight_column taken out of the features.
[[nodiscard]] TrainOptions without_weight_among_features(TrainOptions options);

/// @throws UsageError  for options that cannot be, or do not go together; names the flag
void expect_usable(const TrainOptions& options);

/// As the command line and the reports spell them.
[[nodiscard]] const char* name_of(Solver solver);
[[nodiscard]] const char* name_of(Precision precision);
[[nodiscard]] const char* name_of(Criterion criterion);

}  // namespace gradstep
