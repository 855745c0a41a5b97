#include "kernels/core/parallel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradstep::test {
namespace {

class Parallel : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(workers, Parallel, testing::Values(0, 1, 2, 8));

TEST_P(Parallel, WorksOnEveryItemAndCommitsInOrder) {
  std::vector<std::atomic<int>> worked(1000);
  std::vector<std::int64_t> committed;

  for_each_in_order(
      1000, GetParam(), [&](std::int64_t i, int) { ++worked[static_cast<std::size_t>(i)]; },
      [&](std::int64_t i, int) { committed.push_back(i); });

  for (const auto& times : worked) EXPECT_EQ(times, 1);
  ASSERT_EQ(committed.size(), 1000U);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(committed[i], static_cast<std::int64_t>(i));
}

TEST_P(Parallel, CommitsAnItemOnTheWorkerThatWorkedOnIt) {
  std::vector<int> worker_of(200, -1);

  for_each_in_order(
      200, GetParam(),
      [&](std::int64_t i, int worker) { worker_of[static_cast<std::size_t>(i)] = worker; },
      [&](std::int64_t i, int worker) {
        EXPECT_EQ(worker_of[static_cast<std::size_t>(i)], worker);
        EXPECT_LT(worker, std::max(GetParam(), 1));
      });
}

TEST_P(Parallel, DoesNothingWithoutItems) {
  for_each_in_order(
      0, GetParam(), [](std::int64_t, int) { FAIL(); }, [](std::int64_t, int) { FAIL(); });
}

TEST_P(Parallel, ThrowsTheFailureOfTheSmallestIndexAndCommitsAllBeforeIt) {
  std::vector<std::int64_t> committed;
  const auto fail_from_30_on = [](std::int64_t i, int) {
    if (i >= 30) throw std::runtime_error(std::to_string(i));
  };
  const auto commit = [&](std::int64_t i, int) { committed.push_back(i); };

  try {
    for_each_in_order(100, GetParam(), fail_from_30_on, commit);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "30");
  }

  EXPECT_EQ(committed.size(), 30U);
}

TEST_P(Parallel, StopsWhenACommitThrows) {
  int committed = 0;
  const auto commit = [&](std::int64_t i, int) {
    if (i == 5) throw std::runtime_error("full");
    ++committed;
  };

  EXPECT_THROW(
      for_each_in_order(100, GetParam(), [](std::int64_t, int) {}, commit), std::runtime_error);

  EXPECT_EQ(committed, 5);
}

TEST_P(Parallel, FailsAfterTheItemsClaimedBeforeAClaimThatThrows) {
  int committed = 0;
  const auto claim = [](std::int64_t i, int) -> bool {
    if (i == 7) throw std::runtime_error("cannot read");
    return true;
  };

  EXPECT_THROW(run_in_order(GetParam(), {claim, [](std::int64_t, int) {},
                                         [&](std::int64_t, int) { ++committed; }}),
               std::runtime_error);

  EXPECT_EQ(committed, 7);
}

}  // namespace
}  // namespace gradstep::test
