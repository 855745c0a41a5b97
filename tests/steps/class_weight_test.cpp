#include "steps/class_weight.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "steps/error.hpp"

namespace gradstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;

// Rows 0 .. 5 are of class 0, 1, 0, 0, 1, 0.
Labels labels(ClassValue first, ClassValue second) {
  return {{std::move(first), std::move(second)}, {0, 1, 0, 0, 1, 0}};
}

Labels zero_and_one() { return labels(std::int64_t{0}, std::int64_t{1}); }
constexpr std::array<std::int64_t, 6> all_rows{0, 1, 2, 3, 4, 5};

std::vector<double> weights(const std::string& text, const Labels& of = zero_and_one()) {
  return class_weights(parse_class_weight(text), of, all_rows, {}).of_class;
}

// Rows 0 .. 5 are of class a, b, a, c, b, a.
Labels three() { return {{"a", "b", "c"}, {0, 1, 0, 2, 1, 0}}; }

TEST(ParseClassWeight, TakesWords) {
  EXPECT_EQ(parse_class_weight("none").weighting, ClassWeighting::none);
  EXPECT_EQ(parse_class_weight("").weighting, ClassWeighting::none);
  EXPECT_EQ(parse_class_weight("balanced").weighting, ClassWeighting::balanced);
}

TEST(ParseClassWeight, TakesPairsPartedAtTheirLastColon) {
  const ClassWeight chosen = parse_class_weight("0:1.5,a:b:2e-1");

  EXPECT_EQ(chosen.weighting, ClassWeighting::by_label);
  EXPECT_THAT(chosen.by_label, ElementsAre(Pair("0", 1.5), Pair("a:b", 0.2)));
}

TEST(ParseClassWeight, RefusesWhatIsNoPair) {
  for (const char* const text : {"Balanced", "0", ":1", ",", "0:1,"})
    EXPECT_THAT([&] { (void)parse_class_weight(text); },
                ThrowsMessage<UsageError>(
                    HasSubstr("expected none, balanced or LABEL:WEIGHT,LABEL:WEIGHT")))
        << text;
}

TEST(ParseClassWeight, RefusesWeightsThatAreNotAboveZero) {
  for (const char* const weight : {"0", "-1", "inf", "nan", "", "much"})
    EXPECT_THAT(
        [&] { (void)parse_class_weight(std::string("1:") + weight); },
        ThrowsMessage<UsageError>(HasSubstr(std::string("--class_weight: found '") + weight +
                                            "' for 1, expected a finite number above 0")))
        << weight;
}

TEST(ClassWeights, AreOnesForNone) { EXPECT_THAT(weights("none"), ElementsAre(1, 1)); }

// 6 rows, 4 and 2 of the classes.
TEST(ClassWeights, AreInverseToTheirShareWhenBalanced) {
  EXPECT_THAT(weights("balanced"), ElementsAre(6.0 / 8, 6.0 / 4));
}

TEST(ClassWeights, AreBalancedOverTheTrainingRowsOnly) {
  const std::vector<std::int64_t> train{5, 1, 4};

  EXPECT_THAT(class_weights({ClassWeighting::balanced, {}}, zero_and_one(), train, {}).of_class,
              ElementsAre(3.0 / 2, 3.0 / 4));
}

TEST(ClassWeights, AreBalancedByTheWeightsOfTheRows) {
  const std::vector<double> row_weight{1, 2, 3, 4, 0, 6};

  EXPECT_THAT(
      class_weights({ClassWeighting::balanced, {}}, zero_and_one(), all_rows, row_weight).of_class,
      ElementsAre(16.0 / 28, 16.0 / 4));
}

TEST(ClassWeights, AreOneForAClassOfNoWeight) {
  const std::vector<std::int64_t> train{0, 2};

  EXPECT_THAT(class_weights({ClassWeighting::balanced, {}}, zero_and_one(), train, {}).of_class,
              ElementsAre(0.5, 1));
}

TEST(ClassWeights, BelongToTheLabelsNamedAndTheOthersHaveOne) {
  EXPECT_THAT(weights("1:3,0:2"), ElementsAre(2, 3));
  EXPECT_THAT(weights("1:3"), ElementsAre(1, 3));
}

TEST(ClassWeights, KnowLabelsByTheirTextOrValue) {
  EXPECT_THAT(weights("no:2,yes:3", labels("no", "yes")), ElementsAre(2, 3));
  EXPECT_THAT(weights("0:2,1.0:3", labels(0.0, 1.0)), ElementsAre(2, 3));
  EXPECT_THAT(weights("False:2,true:3", labels(false, true)), ElementsAre(2, 3));
  EXPECT_THAT(weights("0.0:2,01:3"), ElementsAre(2, 3));
  EXPECT_THAT(weights("-2:2,+7e0:3", labels(std::int64_t{-2}, std::int64_t{7})), ElementsAre(2, 3));
}

TEST(ClassWeights, LookPastBlanks) {
  EXPECT_THAT(weights("0:2, 1 : 3\t"), ElementsAre(2, 3));
  EXPECT_THAT(weights("no:2, yes:3", labels("no", "yes")), ElementsAre(2, 3));
  EXPECT_THAT(weights(" yes:2,yes:3", labels(" yes", "yes")), ElementsAre(2, 3));
}

TEST(ClassWeights, RefuseALabelThatIsNoClass) {
  EXPECT_THAT([] { (void)weights("0:1,2:3"); },
              ThrowsMessage<UsageError>(
                  HasSubstr("--class_weight: found '2', but the classes are 0 and 1")));
  EXPECT_THAT([] { (void)weights("1:3", labels("no", "yes")); },
              ThrowsMessage<UsageError>(HasSubstr("the classes are no and yes")));
}

TEST(ClassWeights, NameAllClassesOfThree) {
  EXPECT_THAT(weights("c:3,a:2", three()), ElementsAre(2, 1, 3));
  EXPECT_THAT([] { (void)weights("d:1", three()); },
              ThrowsMessage<UsageError>(HasSubstr("the classes are a, b and c")));
}

// 6 rows, 3, 2 and 1 of the classes: each problem balances its class and the rest.
TEST(ClassWeights, BalanceEachOfThreeAgainstTheOthers) {
  const ClassWeights balanced =
      class_weights({ClassWeighting::balanced, {}}, three(), all_rows, {});

  EXPECT_THAT(balanced.of_class, ElementsAre(6.0 / 6, 6.0 / 4, 6.0 / 2));
  EXPECT_THAT(balanced.of_others, ElementsAre(6.0 / 6, 6.0 / 8, 6.0 / 10));
}

TEST(ClassWeights, RefuseALabelNamedTwice) {
  EXPECT_THAT([] { (void)weights("1:3,1.0:2", labels(0.0, 1.0)); },
              ThrowsMessage<UsageError>(HasSubstr("'1.0' is named twice")));
}

TEST(WeighClasses, LeavesRowsAloneThatWeighDifferentlyInEachProblem) {
  const ClassWeights balanced{{1, 1.5, 3}, {1, 0.75, 0.6}};
  std::vector<double> row_weight;

  weigh_classes(balanced, three(), row_weight);

  EXPECT_THAT(row_weight, IsEmpty());
}

TEST(WeighClasses, MultipliesTheWeightsOfTheRows) {
  std::vector<double> row_weight{1, 2, 3, 0, 5, 6};

  weigh_classes({{0.5, 2}}, zero_and_one(), row_weight);

  EXPECT_THAT(row_weight, ElementsAre(0.5, 4, 1.5, 0, 10, 3));
}

TEST(WeighClasses, StartsWithOnes) {
  std::vector<double> row_weight;

  weigh_classes({{0.5, 2}}, zero_and_one(), row_weight);

  EXPECT_THAT(row_weight, ElementsAre(0.5, 2, 0.5, 0.5, 2, 0.5));
}

TEST(WeighClasses, KeepsNoWeightsForOnes) {
  std::vector<double> row_weight;

  weigh_classes({{1, 1}}, zero_and_one(), row_weight);

  EXPECT_THAT(row_weight, IsEmpty());
}

TEST(WeightByClass, AddsUpTheRowsGiven) {
  const std::vector<double> row_weight{1, 2, 3, 4, 5, 6};

  EXPECT_THAT(weight_by_class(zero_and_one(), all_rows, {}), ElementsAre(4, 2));
  EXPECT_THAT(weight_by_class(zero_and_one(), std::vector<std::int64_t>{1, 4, 5}, row_weight),
              ElementsAre(6, 7));
}

}  // namespace
}  // namespace gradstep
