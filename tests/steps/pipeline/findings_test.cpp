#include "steps/pipeline/findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gradstep::pipeline {
namespace {

using testing::ElementsAre;

std::vector<std::string> lines(const Findings& findings) {
  std::vector<std::string> result;
  for (const Finding& finding : findings.sorted()) result.push_back(to_string(finding));
  return result;
}

TEST(Findings, ReadLikeACompilersMessages) {
  const YamlFile file{"components/train.yml", "", nullptr};
  Findings findings;

  findings.error(file, {12, 7}, "unknown key 'a'");
  findings.warning(file, {0, 0}, "given by --set");

  EXPECT_THAT(lines(findings), ElementsAre("components/train.yml: warning: given by --set",
                                           "components/train.yml:12:7: error: unknown key 'a'"));
}

TEST(Findings, ComeInTheOrderOfTheFilesAndEachOnce) {
  const YamlFile first{"a.yml", "", nullptr};
  const YamlFile second{"b.yml", "", nullptr};
  Findings findings;

  findings.error(second, {1, 1}, "x");
  findings.error(first, {10, 1}, "x");
  findings.error(first, {9, 20}, "x");
  findings.error(first, {9, 3}, "x");
  findings.error(first, {9, 3}, "x");

  EXPECT_THAT(lines(findings), ElementsAre("a.yml:9:3: error: x", "a.yml:9:20: error: x",
                                           "a.yml:10:1: error: x", "b.yml:1:1: error: x"));
}

TEST(Findings, TellErrorsFromWarnings) {
  const YamlFile file{"a.yml", "", nullptr};
  Findings findings;

  findings.warning(file, {1, 1}, "x");
  EXPECT_FALSE(findings.has_errors());

  findings.error(file, {1, 1}, "x");
  EXPECT_TRUE(findings.has_errors());
  EXPECT_EQ(findings.count(), 2U);
}

TEST(DidYouMean, FindsTheSlipsThatPeopleMake) {
  const std::vector<std::string> names = {"training_data", "reg_rate", "model_output", "tags"};

  EXPECT_EQ(did_you_mean("reg_rat", names), ", did you mean 'reg_rate'?");
  EXPECT_EQ(closest("rge_rate", names), "reg_rate");  // swapped
  EXPECT_EQ(closest("Reg-Rate", names), "reg_rate");  // written otherwise
  EXPECT_EQ(closest("trianing_dta", names), "training_data");
  EXPECT_EQ(closest("model", names), "model_output");  // cut short
  EXPECT_EQ(closest("tag", names), "tags");
}

TEST(DidYouMean, SaysNothingWhenNothingIsClose) {
  EXPECT_EQ(did_you_mean("solver", {"tags", "outputs"}), "");
  EXPECT_EQ(did_you_mean("inputs", {"outputs"}), "");
  EXPECT_EQ(did_you_mean("a", {"b"}), "");
  EXPECT_EQ(did_you_mean("", {"b"}), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
}

}  // namespace
}  // namespace gradstep::pipeline
