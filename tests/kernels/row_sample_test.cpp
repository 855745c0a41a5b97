#include "kernels/row_sample.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

bool in_sample(std::size_t row) { return row % 2048 < 128; }

TEST(RowSample, TakesTheTrainingRowsOfEvery16thRun) {
  for (const std::int64_t n : {0, 1, 127, 129, 2048, 2049, 40'000}) {
    SCOPED_TRACE(n);
    const RandomRows data(n, 2);
    const ColumnsInMemory<double> rows = data.rows();
    const std::vector<Model> models{{8, -1, 1}, {16, 2, 0}};
    RandomRows expected(0, 2);
    std::int64_t training = 0;
    for (std::size_t r = 0; r < data.n(); ++r) {
      if (data.fold_of_row[r] < 0) continue;
      ++training;
      if (!in_sample(r)) continue;
      for (std::size_t c = 0; c < 2; ++c) expected.columns[c].push_back(data.columns[c][r]);
      expected.class_of_row.push_back(data.class_of_row[r]);
      expected.fold_of_row.push_back(data.fold_of_row[r]);
      expected.weight.push_back(data.weight[r]);
    }

    RowSample sample({&rows, data.class_of_row, data.fold_of_row, data.weight, models, false});
    sample.gather(2);
    const LogisticProblem problem = sample.problem({0.25, 0.5});

    EXPECT_EQ(sample.rows(), std::ssize(expected.class_of_row));
    EXPECT_EQ(sample.rows_of_all(), training);
    EXPECT_THAT(problem.class_of_row, testing::ElementsAreArray(expected.class_of_row));
    EXPECT_THAT(problem.fold_of_row, testing::ElementsAreArray(expected.fold_of_row));
    EXPECT_THAT(problem.row_weight, testing::ElementsAreArray(expected.weight));
    EXPECT_EQ(problem.models[0].reg, 2);
    EXPECT_EQ(problem.models[1].reg, 8);
    EXPECT_EQ(problem.models[1].held_out_fold, 2);
    EXPECT_FALSE(problem.penalize_intercept);
    std::vector<std::vector<double>> found(2);
    problem.rows->for_each(
        1,
        [&](const RowBlock& block, int) {
          for (std::size_t c = 0; c < 2; ++c)
            found[c].insert(found[c].end(), block.float64[c], block.float64[c] + block.rows);
        },
        [](std::int64_t, int) {});
    EXPECT_EQ(found, expected.columns);
  }
}

TEST(RowSample, KeepsFloat32AndTakesAllRowsWhereThereAreNoFolds) {
  std::vector<float> x(3000);
  for (std::size_t r = 0; r < x.size(); ++r) x[r] = static_cast<float>(r);
  const std::vector<std::int32_t> classes(3000);
  const ColumnsInMemory<float> rows({x.data()}, 3000);
  const Model model;

  RowSample sample({&rows, classes, {}, {}, {&model, 1}});
  sample.gather(1);

  EXPECT_EQ(sample.rows(), 256);
  EXPECT_EQ(sample.rows_of_all(), 3000);
  const LogisticProblem problem = sample.problem();
  EXPECT_TRUE(problem.rows->float32());
  EXPECT_TRUE(problem.fold_of_row.empty());
  EXPECT_TRUE(problem.row_weight.empty());
  problem.rows->for_each(
      1, [](const RowBlock& block, int) { EXPECT_EQ(block.float32[0][130], 2050); },
      [](std::int64_t, int) {});
}

}  // namespace
}  // namespace gradstep::test
