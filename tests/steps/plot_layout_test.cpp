#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "steps/plot/path_layout.hpp"
#include "steps/plot/texts.hpp"

namespace gradstep::plot {
namespace {

TEST(RateAxis, SpansWholeDecadesWhereThereAreFewerThanTwo) {
  const Range axis = rate_axis({std::log10(2), std::log10(7)});
  EXPECT_DOUBLE_EQ(axis.least, -0.04);
  EXPECT_DOUBLE_EQ(axis.most, 1.04);

  const Range across = rate_axis({-0.1, 0.1});
  EXPECT_DOUBLE_EQ(across.least, -1.08);
  EXPECT_DOUBLE_EQ(across.most, 1.08);
}

TEST(RateAxis, HasTwoDecadesAroundOnePowerOfTen) {
  const Range axis = rate_axis({1, 1});

  EXPECT_DOUBLE_EQ(axis.least, -0.08);
  EXPECT_DOUBLE_EQ(axis.most, 2.08);
}

TEST(RateAxis, HasAMarginOnly) {
  const Range axis = rate_axis({-4.5, 4});

  EXPECT_DOUBLE_EQ(axis.least, -4.5 - 0.04 * 8.5);
  EXPECT_DOUBLE_EQ(axis.most, 4 + 0.04 * 8.5);
}

TEST(DecadesATick, LeaveAboutTenNumbers) {
  EXPECT_EQ(decades_a_tick({-0.04, 1.04}), 1);
  EXPECT_EQ(decades_a_tick({-5.2, 5.2}), 1);
  EXPECT_EQ(decades_a_tick({-5.2, 6.2}), 2);
  EXPECT_EQ(decades_a_tick({-324, 324}), 65);
}

TEST(ScoreAxis, HasRoomForTheLegend) {
  const Range axis = score_axis({0.5, 0.7});

  EXPECT_LT(axis.least, 0.5);
  EXPECT_GT((axis.most - 0.7) / (axis.most - axis.least), 0.18);
}

TEST(ScoreAxis, HasAWidthWhereAllScoresAreTheSame) {
  const Range axis = score_axis({1, 1});

  EXPECT_LT(axis.least, 1);
  EXPECT_GT(axis.most, 1);
}

TEST(Bars, GiveWayToABandWhereTheyWouldMeet) {
  EXPECT_FALSE(drawn_as_band(59));
  EXPECT_TRUE(drawn_as_band(60));
}

TEST(EndOfArea, LeavesTheLegendItsWidth) {
  EXPECT_DOUBLE_EQ(end_of_area(0.1), 0.66);
  EXPECT_DOUBLE_EQ(end_of_area(0.48), 0.5);
  EXPECT_DOUBLE_EQ(end_of_area(0.9), 0.35);
}

TEST(Shortened, CountsLettersAndNotBytes) {
  EXPECT_EQ(shortened("abcd", 4), "abcd");
  EXPECT_EQ(shortened("abcde", 4), "abc…");
  EXPECT_EQ(shortened("äöüß", 4), "äöüß");
  EXPECT_EQ(shortened("äöüße", 4), "äöü…");
  EXPECT_EQ(shortened("", 4), "");
}

TEST(Escaped, DoublesCommandsAndDropsControls) { EXPECT_EQ(escaped("a#b\tc\x7f"), "a##b c "); }

}  // namespace
}  // namespace gradstep::plot
