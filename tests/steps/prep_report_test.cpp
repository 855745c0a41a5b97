#include "steps/prep_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace gradstep {
namespace {

using testing::HasSubstr;

TEST(PrepReport, WritesWhatIsNoNumberAsNull) {
  PrepReport report;
  report.scaled_columns = {{"x", {.minimum = 0.1, .maximum = 1e300, .scale = 0, .offset = -0.5}},
                           {"y", ColumnScale{}}};
  report.scaled_columns[0].scale.scale = std::numeric_limits<double>::infinity();

  const std::string json = to_json(report);

  EXPECT_THAT(json, HasSubstr("\"minimum\": 0.1"));
  EXPECT_THAT(json, HasSubstr("\"scale\": null"));
  EXPECT_THAT(json, HasSubstr("\"offset\": null"));
}

TEST(PrepReport, ShowsWhatTheFirstRowsHeld) {
  PrepReport report;
  report.scaled_columns = {{"x", ColumnScale{}, FeatureType::integer, {171, 0.5}}};

  const std::string json = to_json(report);

  EXPECT_THAT(json, HasSubstr("\"type\": \"long\""));
  EXPECT_THAT(json, testing::ContainsRegex("\"first_values\": \\[[ \n]+171.0,[ \n]+0.5[ \n]+\\]"));
}

TEST(PrepReport, IsUtf8WhateverTheFilesName) {
  PrepReport report;
  report.file = "folder/caf\xe9 \"1\".csv";
  report.scaled_columns = {{"\xc3\xa9", ColumnScale{}}};

  const std::string json = to_json(report);

  EXPECT_THAT(json, HasSubstr("\"file\": \"caf\xef\xbf\xbd \\\"1\\\".csv\""));
  EXPECT_THAT(json, HasSubstr("\"name\": \"\xc3\xa9\""));
}

}  // namespace
}  // namespace gradstep
