#include "steps/roc.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

using testing::ElementsAre;
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Ranking {
  std::vector<std::int32_t> positive;
  std::vector<double> score;
};

// Six rows of each class; three scores are shared by rows of both or of one.
Ranking twelve_rows() {
  return {{1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0}, {.9, .9, .8, .7, .7, .6, .5, .4, .3, .3, .2, .1}};
}

TEST(RocCurve, StartsAtInfinityAndLeavesOutPointsOfAStraightLine) {
  const Ranking rows = twelve_rows();

  const RocCurve curve = roc_curve(rows.positive, rows.score);

  const double third = 2 / 6.0;
  EXPECT_THAT(curve.fpr, ElementsAre(0, 0, 0, 1 / 6.0, third, third, 0.5, 4 / 6.0, 1));
  EXPECT_THAT(curve.tpr, ElementsAre(0, third, 0.5, 4 / 6.0, 4 / 6.0, 5 / 6.0, 5 / 6.0, 1, 1));
  // 0.2 is missing: from 0.3 to 0.1 the curve runs along the top.
  EXPECT_THAT(curve.thresholds, ElementsAre(infinity, .9, .8, .7, .6, .5, .4, .3, .1));
}

TEST(RocCurve, RanksRowsWhateverTheirOrder) {
  const std::vector<std::int32_t> positive{0, 1, 0, 1};
  const std::vector<double> score{0.1, 0.35, 0.4, 0.8};
  const std::vector<std::int32_t> positive_shuffled{1, 0, 1, 0};
  const std::vector<double> score_shuffled{0.8, 0.4, 0.35, 0.1};

  const RocCurve curve = roc_curve(positive, score);
  const RocCurve shuffled = roc_curve(positive_shuffled, score_shuffled);

  EXPECT_THAT(curve.fpr, ElementsAre(0, 0, 0.5, 0.5, 1));
  EXPECT_THAT(curve.tpr, ElementsAre(0, 0.5, 0.5, 1, 1));
  EXPECT_EQ(shuffled.fpr, curve.fpr);
  EXPECT_EQ(shuffled.tpr, curve.tpr);
}

TEST(RocCurve, RefusesNoRows) { EXPECT_THROW((void)roc_curve({}, {}), InvalidArgument); }

TEST(AreaUnderRoc, IsOneForAPerfectRankingAndHalfForNone) {
  const std::vector<std::int32_t> positive{0, 0, 1, 1};

  EXPECT_EQ(area_under(roc_curve(positive, std::vector{.1, .2, .3, .4})), 1);
  EXPECT_EQ(area_under(roc_curve(positive, std::vector{.4, .3, .2, .1})), 0);
  EXPECT_EQ(area_under(roc_curve(positive, std::vector{.5, .5, .5, .5})), 0.5);
}

TEST(AreaUnderRoc, IsNotANumberWithOneClass) {
  const std::vector<double> score{.1, .2};

  EXPECT_TRUE(std::isnan(area_under(roc_curve(std::vector{0, 0}, score))));
  EXPECT_TRUE(std::isnan(area_under(roc_curve(std::vector{1, 1}, score))));
}

/// n rows whose scores take `distinct` values, made by integers so that numpy makes the same.
Ranking made_up(std::int64_t n, std::int64_t distinct) {
  Ranking rows;
  for (std::int64_t i = 0; i < n; ++i) {
    const double score = static_cast<double>(i * 7919 % distinct) / static_cast<double>(distinct);
    rows.score.push_back(score);
    rows.positive.push_back(static_cast<double>(i * 104'729 % 997) < 300 + 400 * score ? 1 : 0);
  }
  return rows;
}

struct Answer {
  std::int64_t rows;
  std::int64_t distinct;
  std::size_t points;
  double auc;
  double average_precision;
};

// roc_curve, roc_auc_score and average_precision_score of scikit-learn 1.9.1 on the same rows.
TEST(AreaUnderRoc, EqualsScikitLearnsInAllBits) {
  for (const Answer& answer :
       {Answer{40, 13, 9, 0x1.311ad80fb6ab9p-1, 0x1.48a36572b6f58p-1},
        Answer{1000, 97, 77, 0x1.4304a1b851c89p-1, 0x1.3a2ab3f2b9013p-1},
        Answer{5000, 4999, 2587, 0x1.45492b733d86dp-1, 0x1.3b1a283fa805dp-1}}) {
    SCOPED_TRACE(answer.rows);
    const Ranking rows = made_up(answer.rows, answer.distinct);

    const RocCurve curve = roc_curve(rows.positive, rows.score);

    EXPECT_EQ(curve.fpr.size(), answer.points);
    EXPECT_EQ(area_under(curve), answer.auc);
    EXPECT_NEAR(average_precision(precision_recall_curve(rows.positive, rows.score)),
                answer.average_precision, 1e-13);  // sums of 5000 terms below 1
  }
}

TEST(PrecisionRecallCurve, HasAPointForEachScoreAndALastOne) {
  const Ranking rows = twelve_rows();

  const PrecisionRecallCurve curve = precision_recall_curve(rows.positive, rows.score);

  EXPECT_THAT(curve.precision, ElementsAre(6 / 12.0, 6 / 11.0, 6 / 10.0, 5 / 8.0, 5 / 7.0, 4 / 6.0,
                                           4 / 5.0, 1, 1, 1));
  EXPECT_THAT(curve.recall,
              ElementsAre(1, 1, 1, 5 / 6.0, 5 / 6.0, 4 / 6.0, 4 / 6.0, 3 / 6.0, 2 / 6.0, 0));
  EXPECT_THAT(curve.thresholds, ElementsAre(.1, .2, .3, .4, .5, .6, .7, .8, .9));
}

TEST(PrecisionRecallCurve, HasFullRecallWithoutPositives) {
  const PrecisionRecallCurve curve = precision_recall_curve(std::vector{0, 0}, std::vector{.1, .2});

  EXPECT_THAT(curve.precision, ElementsAre(0, 0, 1));
  EXPECT_THAT(curve.recall, ElementsAre(1, 1, 0));
}

// numpy.sum(1 / numpy.arange(1, n + 1)), numpy 2.4.6: below 8, one leaf, two leaves, many.
TEST(PairwiseSum, RoundsAsNumpyDoes) {
  std::vector<double> values;
  for (int k = 1; k <= 1000; ++k) values.push_back(1.0 / k);
  const std::span<const double> all(values);

  EXPECT_EQ(pairwise_sum(all.first(7)), 0x1.4be2be2be2be2p+1);
  EXPECT_EQ(pairwise_sum(all.first(100)), 0x1.4bfdfe4591243p+2);
  EXPECT_EQ(pairwise_sum(all.first(129)), 0x1.5c37b09149ba9p+2);
  EXPECT_EQ(pairwise_sum(all), 0x1.df11f45f4e61ap+2);
  EXPECT_EQ(pairwise_sum({}), 0);
}

}  // namespace
}  // namespace gradstep
