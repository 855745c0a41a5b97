// The lab's ROC curve from its data and scikit-learn's coefficients: reading, split, decisions,
// probabilities and roc_curve together.

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/metrics.hpp"
#include "steps/split.hpp"
#include "steps/training_data.hpp"

namespace gradstep {
namespace {

constexpr const char* data_folder = GRADSTEP_SOURCE_DIR "/tests/data/";

/// The lab's data, scaled with the scales and offsets of scikit-learn's MinMaxScaler.
class ScaledLabData {
 public:
  explicit ScaledLabData(const nlohmann::json& lab)
      : data_(read_training_data(
            csv::open_sources(GRADSTEP_SOURCE_DIR "/components/data/diabetes.csv"),
            {.features = lab["features"], .label = lab["label"], .weight = ""}, 1, Log(true))) {
    for (std::size_t c = 0; c < data_.features.size(); ++c) {
      const auto scaling = lab["prep"]["scaled_columns"].find(lab["features"][c]);
      if (scaling == lab["prep"]["scaled_columns"].end()) continue;
      const double* const from = data_.features[c];
      std::vector<double>& to = scaled_.emplace_back(from, from + data_.rows());
      for (double& x : to) x = x * double{(*scaling)["scale"]} + double{(*scaling)["min"]};
    }
    for (std::size_t c = 0; c < scaled_.size(); ++c) data_.features[c] = scaled_[c].data();
  }
  [[nodiscard]] const TrainingData& data() const { return data_; }

 private:
  TrainingData data_;
  std::vector<std::vector<double>> scaled_;  // the lab scales its first seven features
};

RocCurve roc_of_test_rows(const TrainingData& data, const nlohmann::json& model) {
  const ClassModel of_class{model["coef"], model["intercept"]};
  const std::vector<double> decision =
      decisions(*data.row_blocks(), std::span(&of_class, 1), 2).front();
  std::vector<double> tested;
  std::vector<std::int32_t> truth;
  for (const std::int64_t row : train_test_split(data.rows(), 0.30, 0).test) {
    tested.push_back(decision[static_cast<std::size_t>(row)]);
    truth.push_back(data.labels.class_of_row[static_cast<std::size_t>(row)]);
  }
  return roc_curve(truth, probabilities({tested}).front());
}

TEST(LabRocCurve, EqualsScikitLearnsPointForPoint) {
  const auto lab =
      nlohmann::json::parse(std::ifstream(std::string(data_folder) + "lab_reference.json"));
  const ScaledLabData scaled(lab);
  const auto& model = lab["models"][1];
  ASSERT_EQ(model["reg_rate"], 0.01);

  const RocCurve curve = roc_of_test_rows(scaled.data(), model["liblinear_default"]);

  std::ifstream points(std::string(data_folder) + "lab_roc_reg0.01.csv");
  std::string line;
  std::getline(points, line);
  ASSERT_EQ(line, "fpr,tpr,threshold");
  std::size_t k = 0;
  for (; std::getline(points, line); ++k) {
    ASSERT_LT(k, curve.fpr.size());
    const std::size_t first = line.find(',');
    const std::size_t second = line.find(',', first + 1);
    EXPECT_EQ(curve.fpr[k], std::stod(line));
    EXPECT_EQ(curve.tpr[k], std::stod(line.substr(first + 1)));
    const double threshold = std::stod(line.substr(second + 1));
    if (k == 0) {
      EXPECT_EQ(curve.thresholds[k], threshold);  // infinity
    } else {
      EXPECT_NEAR(curve.thresholds[k], threshold, 1e-15);  // BLAS adds x.w in another order
    }
  }
  EXPECT_EQ(k, 892U);
  EXPECT_EQ(k, curve.fpr.size());
}

}  // namespace
}  // namespace gradstep
