#include "steps/csv/checksum.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace gradstep::csv {
namespace {

TEST(Checksum, ShowsEachByte) {
  for (std::size_t size = 0; size < 200; ++size) {
    std::string text(size, '7');
    const std::uint64_t before = checksum(text);
    EXPECT_EQ(checksum(text), before);
    for (char& byte : text) {
      ++byte;
      EXPECT_NE(checksum(text), before) << size;
      --byte;
    }
  }
}

TEST(Checksum, ShowsTheLength) {
  std::set<std::uint64_t> sums;
  for (std::size_t size = 0; size < 200; ++size) sums.insert(checksum(std::string(size, '\0')));

  EXPECT_EQ(sums.size(), 200U);
}

// Where sums of words, and sums of these, would stay as they were.
TEST(Checksum, ShowsChangesThatCancelInSums) {
  for (const std::size_t distance : {1U, 8U, 16U, 32U, 64U, 128U, 2048U}) {
    for (std::size_t place = 0; place < 32; ++place) {
      std::string before(4 * distance + 64, '5');
      std::string after = before;
      const auto change = [&](std::size_t times, int by) {
        after[place + times * distance] = static_cast<char>('5' + by);
      };
      change(0, 1);
      change(1, -1);
      EXPECT_NE(checksum(after), checksum(before)) << distance;  // two rows that change places
      change(2, -1);
      change(3, 1);
      EXPECT_NE(checksum(after), checksum(before)) << distance;
      after = before;
      change(0, 1);
      change(1, -2);
      change(2, 1);
      EXPECT_NE(checksum(after), checksum(before)) << distance;
    }
  }
}

}  // namespace
}  // namespace gradstep::csv
