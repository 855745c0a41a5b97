#include "steps/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace gradstep {
namespace {

struct Rows {
  std::vector<std::int32_t> truth;
  ClassColumns decision;
  ClassColumns probability;

  Rows(std::vector<std::int32_t> is_positive, std::vector<double> margin)
      : Rows(std::move(is_positive), ClassColumns{std::move(margin)}) {}
  Rows(std::vector<std::int32_t> true_class, ClassColumns of_class)
      : truth(std::move(true_class)),
        decision(std::move(of_class)),
        probability(probabilities(decision)) {}
  [[nodiscard]] Scores scores() const { return {truth, decision, probability}; }
};

TEST(Probabilities, AreTheLogisticFunction) {
  const std::vector<double> p =
      probabilities(ClassColumns{{0.0, std::log(3.0), -1000.0, 1000.0}}).front();

  EXPECT_EQ(p[0], 0.5);
  EXPECT_NEAR(p[1], 0.75, 1e-15);
  EXPECT_EQ(p[2], 0);
  EXPECT_EQ(p[3], 1);
}

// Sigmoids 1/2, 3/4 and 3/4 add up to 2; of three times -1000 none is left.
TEST(Probabilities, OfThreeClassesAddUpToOne) {
  const double z = std::log(3.0);

  const ClassColumns p = probabilities({{0.0, -1000}, {z, -1000}, {z, -1000}});

  EXPECT_NEAR(p[0][0], 0.25, 1e-15);
  EXPECT_NEAR(p[1][0], 0.375, 1e-15);
  EXPECT_NEAR(p[2][0], 0.375, 1e-15);
  for (const std::vector<double>& of_class : p) EXPECT_EQ(of_class[1], 1.0 / 3);
}

TEST(ConfusionMatrix, HasARowForEachTrueClass) {
  const Rows rows({0, 0, 0, 1, 1, 1, 1}, {-1, -1, 1, 1, 1, 1, -1});

  EXPECT_EQ(confusion_matrix(rows.scores()), (ConfusionMatrix{{2, 1}, {1, 3}}));
}

TEST(ConfusionMatrix, CountsADecisionOfZeroAsNegative) {
  const Rows rows({0, 1}, {0, 0});

  EXPECT_EQ(confusion_matrix(rows.scores()), (ConfusionMatrix{{1, 0}, {1, 0}}));
}

// Of equal decisions the first counts, as in numpy.argmax.
TEST(ConfusionMatrix, CountsTheLargestDecisionOfThree) {
  const Rows rows({0, 1, 2, 2}, {{3, -2, 0, 5}, {1, -1, 0, 5}, {2, -3, 0, 6}});

  EXPECT_EQ(confusion_matrix(rows.scores()), (ConfusionMatrix{{1, 0, 0}, {0, 1, 0}, {1, 0, 1}}));
}

TEST(Accuracy, IsTheShareOfTheDiagonal) {
  EXPECT_EQ(accuracy({{1739, 251}, {427, 583}}), 0.774);  // the lab's test rows
}

// -log(3/4), -log(1/4) and -log(1/2).
TEST(LogLoss, IsTheMeanOfTheLossesOfTheTrueClass) {
  const Rows rows({1, 0, 0}, {std::log(3.0), std::log(3.0), 0.0});

  EXPECT_NEAR(log_loss(rows.scores()), std::log(4 / 3.0 * 4 * 2) / 3, 1e-15);
}

TEST(LogLoss, TakesTheTrueOneOfThreeProbabilities) {
  const double z = std::log(3.0);
  const Rows rows({0, 2}, {{0, 0}, {z, z}, {z, z}});

  EXPECT_NEAR(log_loss(rows.scores()), -std::log(0.25 * 0.375) / 2, 1e-15);
}

// sklearn.metrics.log_loss([0, 1, 1], [1.0, 0.0, 0.5]): two clipped losses of 52 log 2.
TEST(LogLoss, IsFiniteForSaturatedProbabilities) {
  const Rows rows({0, 1, 1}, {1000, -1000, 0});

  EXPECT_NEAR(log_loss(rows.scores()), 24.260151319598084, 1e-13);
}

// precision_recall_fscore_support(average="weighted") of scikit-learn 1.9.1 for these counts.
TEST(WeightedScores, EqualScikitLearns) {
  const WeightedScores scores = weighted_scores({{299, 198}, {205, 298}});

  EXPECT_NEAR(scores.precision, 0.5970528673835125, 1e-15);
  EXPECT_NEAR(scores.recall, 0.597, 1e-15);
  EXPECT_NEAR(scores.f1, 0.596997178997179, 1e-15);
}

TEST(WeightedScores, TakeZeroForAClassThatIsNeverPredicted) {
  const WeightedScores scores = weighted_scores({{3, 0}, {1, 0}});

  EXPECT_EQ(scores.precision, 0.5625);  // 3/4 * 3/4
  EXPECT_EQ(scores.recall, 0.75);
  EXPECT_NEAR(scores.f1, 0.6428571428571428, 1e-15);  // 3/4 * 6/7
}

// precision_recall_fscore_support(average="weighted") of scikit-learn 1.9.1 for these counts.
TEST(WeightedScores, EqualScikitLearnsForThreeClasses) {
  const WeightedScores scores = weighted_scores({{5, 1, 0}, {2, 3, 4}, {0, 1, 7}});

  EXPECT_NEAR(scores.precision, 0.6424618859401469, 1e-15);
  EXPECT_NEAR(scores.recall, 15 / 23.0, 1e-15);
  EXPECT_NEAR(scores.f1, 0.6246636658535971, 1e-15);
}

// roc_auc_score of scikit-learn 1.9.1: multi_class="ovr"; "ovo" with average="weighted".
TEST(TestMetrics, HaveTheMeanAreaOfThreeClasses) {
  const Rows rows(
      {0, 1, 2, 1, 0, 2, 1},
      {{1, 0.5, -1, -2, 0.25, 0, 1.5}, {0, 1, 0.5, 2, 0.25, -1, 1}, {-1, 0, 2, 0.5, 1, 0.75, 0}});

  EXPECT_NEAR(test_metrics(rows.scores()).auc, 0.9, 1e-15);
  EXPECT_NEAR(training_metrics(rows.scores()).auc, 0.9047619047619049, 1e-15);
}

TEST(TestMetrics, HaveNoAreaWithoutOneOfThreeClasses) {
  const Rows rows({0, 1}, {{1, -1}, {0, 2}, {-3, 0}});

  EXPECT_TRUE(std::isnan(test_metrics(rows.scores()).auc));
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
