#include "steps/split.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

using testing::ElementsAre;

// The expected rows are those of sklearn.model_selection.train_test_split (scikit-learn 1.9.1).

TEST(TrainTestSplit, TakesTheRowsThatScikitLearnTakesInItsOrder) {
  const Split split = train_test_split(10, 0.3, 42);

  EXPECT_THAT(split.train, ElementsAre(0, 7, 2, 9, 4, 3, 6));
  EXPECT_THAT(split.test, ElementsAre(8, 1, 5));
}

TEST(TrainTestSplit, TakesTheLargestSeed) {
  const Split split = train_test_split(12, 0.25, 4'294'967'295);

  EXPECT_THAT(split.train, ElementsAre(9, 1, 10, 6, 0, 4, 7, 2, 3));
  EXPECT_THAT(split.test, ElementsAre(11, 8, 5));
}

TEST(TrainTestSplit, RoundsTheTestPartUp) {
  EXPECT_THAT(train_test_split(2, 0.3, 0).test, ElementsAre(1));
  EXPECT_THAT(train_test_split(3, 0.3, 0).test, ElementsAre(2));
  EXPECT_THAT(train_test_split(5, 0.4, 0).test, ElementsAre(2, 0));
}

std::vector<std::int64_t> rows_in(const std::string& name) {
  std::ifstream file(std::string(GRADSTEP_SOURCE_DIR) + "/tests/data/" + name);
  return {std::istream_iterator<std::int64_t>(file), std::istream_iterator<std::int64_t>()};
}

// 10,000 rows, test_size=0.30, random_state=0.
TEST(TrainTestSplit, SplitsTheLabsRowsAsTheLabDoes) {
  const Split split = train_test_split(10'000, 0.30, 0);

  ASSERT_EQ(split.train.size(), 7000U);
  EXPECT_EQ(split.train, rows_in("lab_train_rows.txt"));
  EXPECT_EQ(split.test, rows_in("lab_test_rows.txt"));
}

TEST(TrainTestSplit, RefusesDataThatLeaveNoRowToTrainWith) {
  EXPECT_THROW((void)train_test_split(0, 0.3, 0), DataError);
  EXPECT_THROW((void)train_test_split(1, 0.3, 0), DataError);
}

TEST(TrainTestSplit, RefusesASharePastItsRange) {
  EXPECT_THROW((void)train_test_split(10, 0.0, 0), InvalidArgument);
  EXPECT_THROW((void)train_test_split(10, 1.0, 0), InvalidArgument);
}

}  // namespace
}  // namespace gradstep
