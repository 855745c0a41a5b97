#include "steps/cv_results.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace gradstep {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Expected, after numbers by hand: pandas' to_csv(index=False) of such cv_results_.
TEST(CvResults, HaveScikitLearnsColumnsAndPythonsNumbers) {
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

  EXPECT_EQ(cv_results_csv(found),
            "param_C,params,split0_test_roc_auc,split1_test_roc_auc,mean_test_roc_auc,"
            "std_test_roc_auc,rank_test_roc_auc,split0_test_accuracy,split1_test_accuracy,"
            "mean_test_accuracy,std_test_accuracy,rank_test_accuracy,split0_test_neg_log_loss,"
            "split1_test_neg_log_loss,mean_test_neg_log_loss,std_test_neg_log_loss,"
            "rank_test_neg_log_loss\n"
            "100.0,{'C': 100.0},0.5,1.0,0.75,0.25,1,0.25,0.75,0.5,0.25,2,-0.5,-0.5,-0.5,0.0,2\n"
            "0.25,{'C': 0.25},,1.0,,,2,0.5,1.0,0.75,0.25,1,-0.25,-0.5,-0.375,0.125,1\n");
}

}  // namespace
}  // namespace gradstep
