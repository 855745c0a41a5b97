#pragma once

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

/// x.weights + intercept: what speaks for a class against the others.
struct ClassModel {
  std::vector<double> weights;  ///< length d
  double intercept = 0;
};

/// A logistic regression on d features: all that other programs need to use it.
struct LinearClassifier {
  std::vector<std::string> feature_names;  ///< length d
  std::vector<ClassModel> models;          ///< of the second class of two, which is predicted where
                                           ///< it is > 0; else of each, the largest is predicted
  std::vector<ClassValue> classes;         ///< length K >= 2
  std::optional<FeatureScaler> scaler;     ///< what raw rows go through first
};

/// A model and how it came about.
struct TrainedModel : LinearClassifier {
  std::vector<FeatureType> feature_types;    ///< length d; of the raw rows when there is a scaler
  std::vector<std::vector<double>> example;  ///< up to five rows as the model takes them
  std::string solver;
  double reg_rate = 0;
  double tolerance = 0;
  int max_iterations = 0;
  std::vector<int> iterations;  ///< of each of models
  bool penalize_intercept = true;
  ClassWeighting class_weighting = ClassWeighting::none;
  std::vector<double> class_weights;  ///< what it came to, for each of classes
  std::string device;                 ///< cpu, cuda or emulated
  std::string dataset_digest;         ///< of the training rows (dataset_digest.hpp)
  std::string
      python_version;  ///< X.Y.Z, which conda.yaml asks for and MLflow compares with its own
};

}  // namespace gradstep
