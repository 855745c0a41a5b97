#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "steps/class_weight.hpp"
#include "steps/labels.hpp"

namespace gradstep {

/// MLflow's name of a column's type in a signature: boolean, long, double.
enum class FeatureType { boolean, integer, real };

/// What prep-data scaled the features by, for all of them in the model's order. A feature that was
/// not scaled has scale 1, offset 0, minimum 0 and maximum 1.
struct FeatureScaler {
  std::vector<double> scale;    ///< a scaled value is value * scale, rounded, + offset, rounded
  std::vector<double> offset;   ///< scikit-learn's MinMaxScaler.min_
  std::vector<double> minimum;  ///< data_min_
  std::vector<double> maximum;  ///< data_max_
  std::int64_t rows_seen = 0;   ///< n_samples_seen_
};

/// A binary logistic regression on d features: all that other programs need to use it.
struct LinearClassifier {
  std::vector<std::string> feature_names;  ///< length d
  std::vector<double> coefficients;        ///< length d
  double intercept = 0;
  std::array<ClassValue, 2> classes;    ///< the second where x.w + intercept > 0
  std::optional<FeatureScaler> scaler;  ///< what raw rows go through first
};

/// A model and how it came about.
struct TrainedModel : LinearClassifier {
  std::vector<FeatureType> feature_types;    ///< length d; of the raw rows when there is a scaler
  std::vector<std::vector<double>> example;  ///< up to five rows as the model takes them
  std::string solver;
  double reg_rate = 0;
  double tolerance = 0;
  int max_iterations = 0;
  int iterations = 0;
  bool penalize_intercept = true;
  ClassWeighting class_weighting = ClassWeighting::none;
  std::array<double, 2> class_weights{1, 1};  ///< what it came to, for each of classes
  std::string device;                         ///< cpu, cuda or emulated
  std::string dataset_digest;                 ///< of the training rows (dataset_digest.hpp)
  std::string
      python_version;  ///< X.Y.Z, which conda.yaml asks for and MLflow compares with its own
};

}  // namespace gradstep
