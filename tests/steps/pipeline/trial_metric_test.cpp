#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <optional>
#include <vector>

#include "kernels/core/error.hpp"
#include "steps/pipeline/run/sweep.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep::pipeline {
namespace {

TEST(MetricIn, ReadsTheMetricOfTheFirstFolderThatNamesIt) {
  const TemporaryFolder folder;
  put(folder.path() / "data" / "rows.csv", "a\n");
  put(folder.path() / "other" / "metrics.json", R"({"metrics": {"loss": 1}, "AUC": 3})");
  put(folder.path() / "model" / "metrics.json", R"({"metrics": {"AUC": 0.8484919647743667}})");
  const std::vector<std::filesystem::path> folders{folder.path() / "none", folder.path() / "data",
                                                   folder.path() / "other",
                                                   folder.path() / "model"};

  EXPECT_EQ(metric_in(folders, "AUC"), 0.8484919647743667);
  EXPECT_EQ(metric_in(folders, "loss"), 1.0);
  EXPECT_EQ(metric_in(folders, "auc"), std::nullopt);
}

TEST(MetricIn, FindsNothingInWhatIsNoNumber) {
  const TemporaryFolder folder;
  for (const char* const text : {R"({"metrics": {"AUC": null}})", R"({"metrics": {"AUC": "0.5"}})",
                                 R"({"metrics": [1]})", R"({"AUC": 0.5})", "[]", "0.5"}) {
    put(folder.path() / "metrics.json", text);
    EXPECT_EQ(metric_in({folder.path()}, "AUC"), std::nullopt) << text;
  }
}

TEST(MetricIn, RefusesWhatIsNoJson) {
  const TemporaryFolder folder;
  for (const char* const text : {"", "{", R"({"metrics": {"AUC": nan}})"}) {
    put(folder.path() / "metrics.json", text);
    EXPECT_THROW((void)metric_in({folder.path()}, "AUC"), DataError) << text;
  }
}

TEST(BestTrial, IsTheHighestOrTheLowest) {
  EXPECT_EQ(best_trial({0.5, 0.9, 0.7}, true), 1U);
  EXPECT_EQ(best_trial({0.5, 0.9, 0.3}, false), 2U);
}

TEST(BestTrial, IsTheFirstOfEquals) {
  EXPECT_EQ(best_trial({0.5, 0.9, 0.9}, true), 1U);
  EXPECT_EQ(best_trial({0.2, 0.9, 0.2}, false), 0U);
}

TEST(BestTrial, PassesOverTrialsWithoutAValue) {
  const double nan = std::numeric_limits<double>::quiet_NaN();

  EXPECT_EQ(best_trial({std::nullopt, nan, 0.1, nan}, true), 2U);
  EXPECT_EQ(best_trial({nan, std::nullopt, 0.1}, false), 2U);
  EXPECT_EQ(best_trial({std::nullopt, nan}, true), std::nullopt);
  EXPECT_EQ(best_trial({}, true), std::nullopt);
}

}  // namespace
}  // namespace gradstep::pipeline
