#include "steps/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gradstep {
namespace {

struct Rows {
  std::vector<std::int32_t> truth;
  std::vector<double> decision;
  std::vector<double> probability;

  Rows(std::vector<std::int32_t> is_positive, std::vector<double> margin)
      : truth(std::move(is_positive)),
        decision(std::move(margin)),
        probability(probabilities(decision)) {}
  [[nodiscard]] Scores scores() const { return {truth, decision, probability}; }
};

TEST(Probabilities, AreTheLogisticFunction) {
  const std::vector<double> p = probabilities(std::vector{0.0, std::log(3.0), -1000.0, 1000.0});

  EXPECT_EQ(p[0], 0.5);
  EXPECT_NEAR(p[1], 0.75, 1e-15);
  EXPECT_EQ(p[2], 0);
  EXPECT_EQ(p[3], 1);
}

TEST(ConfusionMatrix, HasARowForEachTrueClass) {
  const Rows rows({0, 0, 0, 1, 1, 1, 1}, {-1, -1, 1, 1, 1, 1, -1});

  EXPECT_EQ(confusion_matrix(rows.scores()), (ConfusionMatrix{{{2, 1}, {1, 3}}}));
}

TEST(ConfusionMatrix, CountsADecisionOfZeroAsNegative) {
  const Rows rows({0, 1}, {0, 0});

  EXPECT_EQ(confusion_matrix(rows.scores()), (ConfusionMatrix{{{1, 0}, {1, 0}}}));
}

TEST(Accuracy, IsTheShareOfTheDiagonal) {
  EXPECT_EQ(accuracy({{{1739, 251}, {427, 583}}}), 0.774);  // the lab's test rows
}

// -log(3/4), -log(1/4) and -log(1/2).
TEST(LogLoss, IsTheMeanOfTheLossesOfTheTrueClass) {
  const Rows rows({1, 0, 0}, {std::log(3.0), std::log(3.0), 0.0});

  EXPECT_NEAR(log_loss(rows.scores()), std::log(4 / 3.0 * 4 * 2) / 3, 1e-15);
}

// sklearn.metrics.log_loss([0, 1, 1], [1.0, 0.0, 0.5]): two clipped losses of 52 log 2.
TEST(LogLoss, IsFiniteForSaturatedProbabilities) {
  const Rows rows({0, 1, 1}, {1000, -1000, 0});

  EXPECT_NEAR(log_loss(rows.scores()), 24.260151319598084, 1e-13);
}

// precision_recall_fscore_support(average="weighted") of scikit-learn 1.9.1 for these counts.
TEST(WeightedScores, EqualScikitLearns) {
  const WeightedScores scores = weighted_scores({{{299, 198}, {205, 298}}});

  EXPECT_NEAR(scores.precision, 0.5970528673835125, 1e-15);
  EXPECT_NEAR(scores.recall, 0.597, 1e-15);
  EXPECT_NEAR(scores.f1, 0.596997178997179, 1e-15);
}

TEST(WeightedScores, TakeZeroForAClassThatIsNeverPredicted) {
  const WeightedScores scores = weighted_scores({{{3, 0}, {1, 0}}});

  EXPECT_EQ(scores.precision, 0.5625);  // 3/4 * 3/4
  EXPECT_EQ(scores.recall, 0.75);
  EXPECT_NEAR(scores.f1, 0.6428571428571428, 1e-15);  // 3/4 * 6/7
}

TEST(TestMetrics, RankByProbabilityNotByDecision) {
  // Both probabilities are 1 in double precision: the ranking is a tie.
  const Rows rows({1, 0}, {60, 50});

  EXPECT_EQ(test_metrics(rows.scores()).auc, 0.5);
}

TEST(TestMetrics, HaveNoAreaForOneClass) {
  const Rows rows({1, 1}, {1, -1});

  const TestMetrics metrics = test_metrics(rows.scores());

  EXPECT_TRUE(std::isnan(metrics.auc));
  EXPECT_EQ(metrics.accuracy, 0.5);
}

}  // namespace
}  // namespace gradstep
