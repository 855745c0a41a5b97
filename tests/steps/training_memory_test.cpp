#include "steps/training_memory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "steps/error.hpp"

namespace gradstep {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr TrainingSize million{.rows = 1'000'000, .cols = 31, .train_rows = 700'000, .threads = 1};

// What a row adds, far from where constants matter.
TrainingMemory bytes_of_a_row(TrainingSize size) {
  const TrainingMemory once = memory_needed(size);
  size.rows *= 2;
  size.train_rows *= 2;
  const TrainingMemory twice = memory_needed(size);
  return {(twice.fit - once.fit) / 1'000'000, (twice.evaluate - once.evaluate) / 1'000'000};
}

TEST(TrainingMemory, IsSoManyBytesARow) {
  // Class 4, split 8; fold 4, a 16th of 0.7 rows of 31 doubles, a class and a fold: 11.2.
  EXPECT_EQ(bytes_of_a_row(million).fit, 27);
  // Class 4, split 8, decision 8; 0.7 rows scored (20), ranked (16) and their curve (24).
  EXPECT_EQ(bytes_of_a_row(million).evaluate, 62);
}

TEST(TrainingMemory, GrowsWithTheRowsThatArePictured) {
  TrainingSize size = million;
  size.tracked = true;
  // 20; 0.3 rows scored and their curve (44), 0.7 scored, ranked and two curves (84).
  EXPECT_EQ(bytes_of_a_row(size).evaluate, 92);

  size = million;
  size.train_rows = 100'000;
  // 20; 0.9 rows scored, ranked and two curves.
  EXPECT_EQ(bytes_of_a_row(size).evaluate, 95);
}

TEST(TrainingMemory, CountsAWeightARow) {
  TrainingSize size = million;
  size.weighted = true;

  // 27.2 and 62 as above; a weight 8, and a 16th of 0.7 rows has another: 0.35.
  EXPECT_EQ(bytes_of_a_row(size).fit, 35);
  EXPECT_EQ(bytes_of_a_row(size).evaluate, 70);
}

TEST(TrainingMemory, CountsDecisionsAndCurvesOfEachClass) {
  TrainingSize size = million;
  size.classes = 10;

  // Class 4, split 8, decisions 80.
  EXPECT_EQ(bytes_of_a_row(size).fit, 92);
  // Beside them 0.7 rows scored (4 + 160), ranked by flags (20) and their curves (240).
  EXPECT_EQ(bytes_of_a_row(size).evaluate, 388);

  size.weighted = true;
  EXPECT_EQ(bytes_of_a_row(size).fit, 100);  // and a weight
}

TEST(TrainingMemory, CountsMatricesOfEachClass) {
  TrainingSize size = million;
  size.cols = 999;
  const std::int64_t of_one = memory_needed(size).fit;
  size.classes = 40;

  // 39 models more, each of 4.5 matrices of 1000 x 1000; and 39 decisions a row instead of the
  // fold.
  EXPECT_GE(memory_needed(size).fit - of_one, std::int64_t{39} * 36'000'000);
}

TEST(TrainingMemory, RefusesMoreClassesThanThereIsRoomFor) {
  EXPECT_NO_THROW(expect_room_for_classes(2, 2000, 1 << 20));
  EXPECT_NO_THROW(expect_room_for_classes(100, 2000, std::nullopt));
  EXPECT_NO_THROW(expect_room_for_classes(100, 27, 1 << 20 << 3));
  EXPECT_THAT([] { expect_room_for_classes(100, 2000, std::int64_t{8} << 30); },
              ThrowsMessage<UsageError>(HasSubstr("2000 features and 100 classes")));
}

TEST(TrainingMemory, CountsTwoBlocksAThread) {
  TrainingSize size = million;
  size.threads = 3;
  constexpr std::int64_t blocks = std::int64_t{2} * 2 * 16'384 * 31 * 8;
  const std::int64_t more = memory_needed(size).fit - memory_needed(million).fit;

  EXPECT_GE(more, blocks);
  EXPECT_LE(more, blocks + 100'000);
}

TEST(TrainingMemory, CountsNoMoreThreadsThanThereAreBlocks) {
  TrainingSize size{.rows = std::int64_t{3} * 16'384,
                    .cols = 31,
                    .train_rows = std::int64_t{2} * 16'384,
                    .threads = 3};
  const std::int64_t of_three = memory_needed(size).fit;
  size.threads = 64;
  EXPECT_EQ(memory_needed(size).fit, of_three);

  size.threads = 2;
  EXPECT_LT(memory_needed(size).fit, of_three);
}

TEST(ShareOfMemory, IsWhatTheFitLeavesOfTheLimit) {
  const TrainingMemory needed = memory_needed(million);

  EXPECT_EQ(share_memory(needed.evaluate, million).resident_bytes, needed.evaluate - needed.fit);
  EXPECT_EQ(share_memory(1 << 30, million).resident_bytes, (1 << 30) - needed.fit);
}

TEST(ShareOfMemory, HasAsManyThreadsAsHaveRoom) {
  TrainingSize size = million;
  size.threads = 3;
  const std::int64_t for_three = memory_needed(size).evaluate;
  size.threads = 64;

  EXPECT_EQ(share_memory(for_three, size).threads, 3);
  EXPECT_EQ(share_memory(for_three - 1, size).threads, 2);
  EXPECT_EQ(share_memory(memory_needed(million).evaluate, size).threads, 1);
  EXPECT_EQ(share_memory(std::int64_t{1} << 40, size).threads, 64);
}

TEST(ShareOfMemory, RefusesALimitThatIsTooSmallAndSaysWhatIsNeeded) {
  const TrainingMemory needed = memory_needed(million);
  TrainingSize size = million;
  size.threads = 8;  // one would do
  const auto call = [&] { (void)share_memory(needed.evaluate - 1, size); };

  EXPECT_THAT(call, ThrowsMessage<UsageError>(HasSubstr("1000000 rows of 31 features need " +
                                                        size_text(needed.evaluate) +
                                                        " beside the features")));
}

TEST(RoomForFeatures, IsRefusedWithoutKnowingTheRows) {
  constexpr std::int64_t kilo = 1 << 10;
  const auto call = [](std::int64_t limit) {
    return [limit] { expect_room_for_features(limit, 8); };
  };

  EXPECT_THAT(
      call(20 * kilo * kilo),
      ThrowsMessage<UsageError>(HasSubstr("found 20MB, but 8 features need 49MB and more")));
  EXPECT_THAT(call(500 * kilo), ThrowsMessage<UsageError>(HasSubstr("found 500KB, but")));
  EXPECT_THAT(call(3), ThrowsMessage<UsageError>(HasSubstr("found 3 bytes, but")));
  EXPECT_NO_THROW(expect_room_for_features(49 * kilo * kilo, 8));
}

TEST(SizeText, RoundsUp) {
  EXPECT_EQ(size_text(0), "0MB");
  EXPECT_EQ(size_text(1), "1MB");
  EXPECT_EQ(size_text(1 << 20), "1MB");
  EXPECT_EQ(size_text((1 << 20) + 1), "2MB");
}

TEST(MemoryOfPath, IsAFewMatricesAModel) {
  EXPECT_EQ(memory_of_models(192, 600), 2'496'621'312);  // 4.5 * 192 * 601 * 601 * 8
}

TEST(MemoryOfPath, IsRefusedWhereItIsNotThere) {
  const std::int64_t needed = memory_of_models(192, 600);

  EXPECT_NO_THROW(expect_room_for_path(32, 5, 600, needed));
  EXPECT_NO_THROW(expect_room_for_path(32, 5, 600, std::nullopt));
  EXPECT_THAT([&] { expect_room_for_path(32, 5, 600, std::int64_t{1} << 30); },
              testing::ThrowsMessage<UsageError>(
                  "--reg_rates: 32 rates, 5 folds and 600 features need up to 2381MB, but 1024MB "
                  "of memory are available; give fewer of --reg_rates, --folds or --features"));
}

}  // namespace
}  // namespace gradstep
