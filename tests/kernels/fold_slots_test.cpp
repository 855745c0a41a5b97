#include "kernels/fold_slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace gradstep::test {
namespace {

TEST(FoldSlots, AreTheFoldsThatModelsLeaveOutAndTheRest) {
  const std::vector<Model> models{{1, 7}, {1, -1}, {1, 2}, {2, 7}, {1, -1, 1, {3, 3}}};
  const FoldSlots slots(models);

  EXPECT_EQ(slots.count(), 3U);
  EXPECT_FALSE(slots.tell_classes_apart());
  EXPECT_EQ(slots.of(2, 0), 0);
  EXPECT_EQ(slots.of(7, 1), 1);
  for (const int fold : {0, 3, 9}) EXPECT_EQ(slots.of(fold, 1), 2);
  EXPECT_EQ(slots.of(-1, 1), -1);
  EXPECT_EQ(slots.weight(models[0], 1), 0);
  EXPECT_EQ(slots.weight(models[0], 2), 1);
  EXPECT_EQ(slots.weight(models[1], 1), 1);
  EXPECT_EQ(slots.weight(models[4], 0), 3);
}

// Classes 1 and 4 are told apart from all others, class 0 is not.
TEST(FoldSlots, TellApartTheClassesThatAModelWeighsDifferently) {
  const std::vector<Model> models{
      {1, 5, 4, {0.5, 2}}, {1, -1, 1, {1, 0}}, {1, -1, 0}, {1, -1, 0, {3, 3}}};
  const FoldSlots slots(models);
  const std::vector<std::int32_t> classes{1, 4, 0, 2, 1, 4, 0, 1};
  const std::vector<std::int32_t> folds{5, 5, 5, 5, 0, 0, 0, -1};
  const LogisticProblem problem{nullptr, classes, folds, {}, models};

  EXPECT_EQ(slots.count(), 6U);
  EXPECT_TRUE(slots.tell_classes_apart());
  EXPECT_EQ(slots.of_rows(problem), (std::vector<std::int32_t>{0, 2, 4, 4, 1, 3, 5, -1}));
  const auto weights = [&](std::size_t model) {
    std::vector<double> of_slots;
    for (std::size_t slot = 0; slot < 6; ++slot)
      of_slots.push_back(slots.weight(models[model], slot));
    return of_slots;
  };
  EXPECT_EQ(weights(0), (std::vector<double>{0, 0.5, 0, 2, 0, 0.5}));
  EXPECT_EQ(weights(1), (std::vector<double>{0, 0, 1, 1, 1, 1}));
  EXPECT_EQ(weights(2), (std::vector<double>{1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(weights(3), (std::vector<double>{3, 3, 3, 3, 3, 3}));
}

TEST(FoldSlots, TakeEveryRowForOneFoldWhenThereAreNone) {
  const std::vector<Model> models{{1, -1, 1, {1, 2}}};
  const FoldSlots slots(models);
  const std::vector<std::int32_t> classes{1, 0, 2};

  EXPECT_EQ(slots.of_rows({nullptr, classes, {}, {}, models}),
            (std::vector<std::int32_t>{0, 1, 1}));
}

TEST(SlotFolds, AreTheFoldsUnlessClassesAreToldApart) {
  const std::vector<std::int32_t> classes{1, 0, 1, 0, 1};
  const std::vector<std::int32_t> folds{4, 4, 2, 2, -1};
  const std::vector<Model> plain{{1, 4}};
  const std::vector<Model> weighed{{1, 4, 1, {1, 2}}};
  const auto expect = [&](const std::vector<Model>& models, const std::vector<int>& of_rows,
                          const std::vector<int>& own) {
    const LogisticProblem problem{nullptr, classes, folds, {}, models};
    const FoldSlots slots(models);
    const SlotFolds by_slot(slots, problem);
    EXPECT_TRUE(std::ranges::equal(by_slot.of_rows(), of_rows));
    EXPECT_TRUE(std::ranges::equal(by_slot.folds(), own));
  };

  expect(plain, folds, {4});
  expect(weighed, {0, 2, 1, 3, -1}, {0, 1, 2});
}

}  // namespace
}  // namespace gradstep::test
