#include "kernels/folds.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/core/error.hpp"

namespace gradstep::test {
namespace {

using testing::ElementsAre;

// The expected folds are those of sklearn.model_selection (scikit-learn 1.9.1);
// path_cases_test.py compares those of larger data.

TEST(KFolds, AreRunsOfRowsThatDifferByOneAtMost) {
  EXPECT_THAT(k_folds(11, 3, {}), ElementsAre(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2));
  EXPECT_THAT(k_folds(2, 2, {}), ElementsAre(0, 1));
}

TEST(KFolds, AreShuffledAsScikitLearnShufflesThem) {
  EXPECT_THAT(k_folds(11, 3, 42), ElementsAre(0, 1, 1, 2, 1, 0, 2, 2, 1, 0, 0));
  EXPECT_THAT(k_folds(11, 4, 4'294'967'295), ElementsAre(2, 1, 3, 3, 2, 0, 1, 2, 0, 1, 0));
}

TEST(KFolds, RefuseFewerRowsThanFolds) {
  EXPECT_THROW((void)k_folds(2, 3, {}), DataError);
  EXPECT_THROW((void)k_folds(0, 2, {}), DataError);
  EXPECT_THROW((void)k_folds(10, 1, {}), InvalidArgument);
}

// Classes in another order than that of their first rows.
constexpr std::array<std::int32_t, 14> classes{2, 0, 0, 1, 2, 0, 0, 0, 2, 1, 0, 0, 2, 0};

TEST(StratifiedFolds, HaveTheSameShareOfEveryClass) {
  EXPECT_THAT(stratified_folds(classes, 3, {}),
              ElementsAre(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2));
}

TEST(StratifiedFolds, AreShuffledAsScikitLearnShufflesThem) {
  EXPECT_THAT(stratified_folds(classes, 3, 42),
              ElementsAre(0, 2, 0, 1, 2, 1, 2, 0, 0, 0, 2, 1, 1, 1));
}

// Two classes have fewer rows than there are folds, which scikit-learn warns of.
TEST(StratifiedFolds, TakeAClassThatSomeFoldsDoWithout) {
  EXPECT_THAT(stratified_folds(classes, 5, 0),
              ElementsAre(2, 1, 0, 3, 3, 2, 3, 0, 1, 2, 4, 4, 0, 1));
}

TEST(StratifiedFolds, RefuseFewerRowsThanFoldsInEveryClass) {
  EXPECT_THROW((void)stratified_folds(std::vector<std::int32_t>{0, 1, 0, 1}, 3, {}), DataError);
  EXPECT_THROW((void)stratified_folds({}, 2, {}), DataError);
  EXPECT_THROW((void)stratified_folds(classes, 1, {}), InvalidArgument);
  EXPECT_THROW((void)stratified_folds(std::vector<std::int32_t>{0, -1}, 2, {}), InvalidArgument);
}

}  // namespace
}  // namespace gradstep::test
