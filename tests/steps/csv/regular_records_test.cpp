#include "steps/csv/regular_records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace gradstep::csv {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

struct Split {
  std::vector<std::string> fields;  // whole records' only
  std::size_t behind = 0;           // nothing from here on was looked at
};

Split split(SplitRegular way, const std::string& text, std::int64_t width, std::size_t room) {
  std::vector<Field> fields(room);
  PlainPlace place{text.data(), text.data(), text.data(), 0, 0};
  way({text.data(), text.data() + text.size(), width, fields.data(), std::ssize(fields)}, place);
  Split result;
  for (std::int64_t i = 0; i < place.rows * width; ++i)
    result.fields.push_back(text.substr(fields[static_cast<std::size_t>(i)].begin,
                                        fields[static_cast<std::size_t>(i)].size));
  result.behind = static_cast<std::size_t>(place.at - text.data());
  return result;
}

// The way of the baseline, and that for AVX-512 where this CPU can go it.
std::vector<SplitRegular> ways() {
  std::vector<SplitRegular> all = {baseline_split_regular()};
  if (takes_avx512_vbmi2()) all.push_back(avx512_split_regular());
  return all;
}

TEST(RegularRecords, AreThoseOfTheText) {
  std::mt19937 random(5);
  for (int i = 0; i < 3000; ++i) {
    const std::size_t width = 1 + random() % (i % 10 == 0 ? 200 : 12);
    const std::size_t longest = 1 + random() % 20;
    std::vector<std::string> expected;
    std::string text;
    while (text.size() < 1000) {
      expected.emplace_back(width == 1 ? "x" : "");
      expected.back().append(random() % longest, static_cast<char>('0' + random() % 10));
      if (expected.size() % width == 1 % width && expected.back().empty()) expected.back() = "7";
      text += expected.back() + (expected.size() % width == 0 ? '\n' : ',');
    }
    for (const SplitRegular way : ways()) {
      const Split found = split(way, text, static_cast<std::int64_t>(width), 2000);
      EXPECT_GE(found.behind + 64, text.size());
      EXPECT_LT(found.behind, text.size());
      expected.resize(found.fields.size());
      EXPECT_THAT(found.fields, SizeIs(testing::Ge(text.find('\n') < found.behind ? width : 0)));
      ASSERT_EQ(found.fields, expected) << text;
    }
  }
}

TEST(RegularRecords, EndBeforeAStepWithAnythingElse) {
  const std::string lines =
      "11,22\n33,44\n55,66\n77,88\n11,22\n33,44\n55,66\n77,88\n11,22\n33,44\n4,5,";
  ASSERT_EQ(lines.size(), 64U);
  for (const SplitRegular way : ways()) {
    const auto behind = [&](std::string text) {
      text.resize(200, '9');
      return split(way, text, 2, 1000).behind;
    };
    const std::string plain = lines.substr(0, 62) + "\n6";
    EXPECT_EQ(behind(plain), 192U);
    EXPECT_EQ(behind(lines.substr(0, 63) + '\n'), 192U);
    EXPECT_EQ(behind(lines), 0U);          // a third field
    EXPECT_EQ(behind(plain + "\n"), 64U);  // a line of one field
    EXPECT_EQ(behind("1" + plain.substr(1, 62) + "\""), 0U);
    EXPECT_EQ(behind("\r" + plain.substr(1)), 0U);
    for (const char blank : {' ', '\t', '\n', '\r'})
      EXPECT_EQ(behind(plain.substr(0, 6) + blank + plain.substr(7)), 0U);
  }
}

TEST(RegularRecords, MayEndInTwoBytes) {
  for (std::size_t longest = 1; longest < 80; ++longest) {
    std::string text;
    std::vector<std::string> expected;
    while (text.size() < 500) {
      for (const std::size_t size : {longest, 1 + longest / 2, std::size_t{0}}) {
        expected.emplace_back(size, '7');
        text += expected.back() + (size > 0 ? "," : expected.size() % 2 == 0 ? "\r\n" : "\n");
      }
    }
    for (const SplitRegular way : ways()) {
      const Split found = split(way, text, 3, 2000);
      EXPECT_GE(found.behind + 64, text.size());
      expected.resize(found.fields.size());
      ASSERT_EQ(found.fields, expected) << text;
    }
  }
}

TEST(RegularRecords, LeaveALoneReturnToOthers) {
  const std::string plain = std::string(20, '1') + ',' + std::string(41, '2') + "\n3";
  ASSERT_EQ(plain.size(), 64U);
  for (const SplitRegular way : ways()) {
    const auto behind = [&](std::string text) {
      text.resize(200, '9');
      return split(way, text, 2, 1000).behind;
    };
    EXPECT_EQ(behind(plain), 192U);
    EXPECT_EQ(behind(plain.substr(0, 61) + "\r\n3"), 192U);
    EXPECT_EQ(behind(plain.substr(0, 61) + "\r43"), 0U);
    EXPECT_EQ(behind(plain.substr(0, 63) + "\r4"), 0U);  // what follows is in the next step
    EXPECT_EQ(behind(plain.substr(0, 62) + "3\r\n4,"), 192U);
  }
}

TEST(RegularRecords, TakeNoMoreRoomThanThereIs) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += ",,,\n";
  for (const SplitRegular way : ways()) {
    EXPECT_EQ(split(way, text, 4, fields_of_a_step - 1).behind, 0U);
    EXPECT_EQ(split(way, text, 4, 64 + fields_of_a_step).behind, 128U);
    EXPECT_THAT(split(way, text, 4, 64 + fields_of_a_step).fields, SizeIs(128));
  }
}

}  // namespace
}  // namespace gradstep::csv
