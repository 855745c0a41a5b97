#include "steps/cv_results.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace gradstep {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

CrossValidation two_rates() {
  CrossValidation found;
  found.rates = {{.reg_rate = 0.01,
                  .auc = fold_scores({0.5, 1}),
                  .accuracy = fold_scores({0.25, 0.75}),
                  .log_loss = fold_scores({0.5, 0.5}),
                  .coefficients = {1}},
                 {.reg_rate = 4,
                  .auc = fold_scores({nan, 1}),
                  .accuracy = fold_scores({0.5, 1}),
                  .log_loss = fold_scores({0.25, 0.5}),
                  .coefficients = {0.5}}};
  return found;
}

// Expected, after numbers by hand: pandas' to_csv(index=False) of such cv_results_.
TEST(CvResults, HaveScikitLearnsColumnsAndPythonsNumbers) {
  EXPECT_EQ(cv_results_csv(two_rates()),
            "param_C,params,split0_test_roc_auc,split1_test_roc_auc,mean_test_roc_auc,"
            "std_test_roc_auc,rank_test_roc_auc,split0_test_accuracy,split1_test_accuracy,"
            "mean_test_accuracy,std_test_accuracy,rank_test_accuracy,split0_test_neg_log_loss,"
            "split1_test_neg_log_loss,mean_test_neg_log_loss,std_test_neg_log_loss,"
            "rank_test_neg_log_loss\n"
            "100.0,{'C': 100.0},0.5,1.0,0.75,0.25,1,0.25,0.75,0.5,0.25,2,-0.5,-0.5,-0.5,0.0,2\n"
            "0.25,{'C': 0.25},,1.0,,,2,0.5,1.0,0.75,0.25,1,-0.25,-0.5,-0.375,0.125,1\n");
}

TEST(CvResults, TheBestComeFirstWithTheirMeansDeviationsAndRanks) {
  const std::vector<CvResult> results = best_cv_results(two_rates(), Criterion::log_loss, 5);

  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].rate, 1U);
  EXPECT_EQ(results[1].rate, 0U);
  EXPECT_EQ(results[1].numbers,
            (std::vector<std::pair<std::string, double>>{{"mean_test_roc_auc", 0.75},
                                                         {"std_test_roc_auc", 0.25},
                                                         {"rank_test_roc_auc", 1},
                                                         {"mean_test_accuracy", 0.5},
                                                         {"std_test_accuracy", 0.25},
                                                         {"rank_test_accuracy", 2},
                                                         {"mean_test_neg_log_loss", -0.5},
                                                         {"std_test_neg_log_loss", 0},
                                                         {"rank_test_neg_log_loss", 2}}));
}

TEST(CvResults, NoMoreThanAskedForAndEqualOnesInTheirOrder) {
  CrossValidation found;
  for (const double auc : {0.5, 0.75, 0.25, 0.75, 0.5})
    found.rates.push_back({.reg_rate = 1,
                           .auc = fold_scores({auc, auc}),
                           .accuracy = {},
                           .log_loss = {},
                           .coefficients = {}});

  std::vector<std::size_t> rates;
  for (const CvResult& result : best_cv_results(found, Criterion::auc, 3))
    rates.push_back(result.rate);

  EXPECT_EQ(rates, (std::vector<std::size_t>{1, 3, 0}));
}

TEST(CvResults, TheBestScoreIsGreaterForTheBetter) {
  CrossValidation found = two_rates();
  found.choice = {.best = 1, .chosen = 0};

  EXPECT_EQ(best_cv_score(found, Criterion::log_loss), -0.375);
  EXPECT_EQ(best_cv_score(found, Criterion::accuracy), 0.75);
}

}  // namespace
}  // namespace gradstep
