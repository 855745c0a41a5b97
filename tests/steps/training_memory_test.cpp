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

TEST(TrainingMemory, CountsTwoBlocksAThread) {
  TrainingSize size = million;
  size.threads = 3;
  constexpr std::int64_t blocks = std::int64_t{2} * 2 * 16'384 * 31 * 8;
  const std::int64_t more = memory_needed(size).fit - memory_needed(million).fit;

  EXPECT_GE(more, blocks);
  EXPECT_LE(more, blocks + 100'000);
}

TEST(ResidentBytes, AreWhatTheFitLeavesOfTheLimit) {
  const TrainingMemory needed = memory_needed(million);

  EXPECT_EQ(resident_bytes(needed.evaluate, million), needed.evaluate - needed.fit);
  EXPECT_EQ(resident_bytes(1 << 30, million), (1 << 30) - needed.fit);
}

TEST(ResidentBytes, RefusesALimitThatIsTooSmallAndSaysWhatIsNeeded) {
  const TrainingMemory needed = memory_needed(million);
  const auto call = [&] { (void)resident_bytes(needed.evaluate - 1, million); };

  EXPECT_THAT(call, ThrowsMessage<UsageError>(HasSubstr("1000000 rows of 31 features need " +
                                                        size_text(needed.evaluate) +
                                                        " beside the features")));
}

TEST(SizeText, RoundsUp) {
  EXPECT_EQ(size_text(0), "0MB");
  EXPECT_EQ(size_text(1), "1MB");
  EXPECT_EQ(size_text(1 << 20), "1MB");
  EXPECT_EQ(size_text((1 << 20) + 1), "2MB");
}

}  // namespace
}  // namespace gradstep
