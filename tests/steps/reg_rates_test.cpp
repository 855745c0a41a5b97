#include "steps/reg_rates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "steps/error.hpp"

namespace gradstep {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(RegRates, StandBetweenCommasInAnyOrder) {
  EXPECT_EQ(parse_reg_rates("0.01, 5.0,1e-05"), (std::vector{0.01, 5.0, 1e-5}));
  EXPECT_EQ(parse_reg_rates("\t0.01 ,\r\n5\n"), (std::vector{0.01, 5.0}));
  EXPECT_EQ(parse_reg_rates("1"), (std::vector{1.0}));
}

TEST(RegRates, OfALogspaceAreEvenlySpacedPowersOfTen) {
  EXPECT_EQ(parse_reg_rates("logspace(-2,2,5)"), (std::vector{0.01, 0.1, 1.0, 10.0, 100.0}));
  EXPECT_EQ(parse_reg_rates(" logspace( 2 , -1, 4.0 ) "), (std::vector{100.0, 10.0, 1.0, 0.1}));
  EXPECT_EQ(parse_reg_rates("logspace(3,9,1)"), (std::vector{1000.0}));
}

TEST(RegRates, OfALogspaceAreNumpys) {
  const std::vector<double> rates = parse_reg_rates("logspace(-4,4,32)");

  ASSERT_EQ(rates.size(), 32U);
  EXPECT_EQ(rates.front(), 1e-4);
  EXPECT_DOUBLE_EQ(rates[1], 0.00018116091942004133);
  EXPECT_DOUBLE_EQ(rates[30], 5519.954321281573);
  EXPECT_EQ(rates.back(), 1e4);
}

TEST(RegRates, AreCountedWhenThereAreTooMany) {
  std::string text = "1";
  for (int k = 2; k <= 1000; ++k) text += ',' + std::to_string(k);
  EXPECT_EQ(parse_reg_rates(text).size(), 1000U);

  EXPECT_THAT([&] { (void)parse_reg_rates(text + ",1001"); },
              ThrowsMessage<UsageError>("--reg_rates: found 1001 rates, expected 1000 at most"));
}

struct Refused {
  const char* text;
  const char* words;
};

class RegRatesRefused : public testing::TestWithParam<Refused> {};

TEST_P(RegRatesRefused, WithTheFlagAndWhatWasFound) {
  const auto [text, words] = GetParam();

  EXPECT_THAT([&] { (void)parse_reg_rates(text); },
              ThrowsMessage<UsageError>(AllOf(HasSubstr("--reg_rates"), HasSubstr(words))));
}

INSTANTIATE_TEST_SUITE_P(
    , RegRatesRefused,
    testing::Values(Refused{"0.1,,1", "''"}, Refused{"", "found ''"}, Refused{" ", "found ''"},
                    Refused{"a", "'a'"}, Refused{"0.1,0", "'0.0'"}, Refused{"-1", "'-1.0'"},
                    Refused{"inf", "'inf'"}, Refused{"nan", "'nan'"}, Refused{"1e-310", "1e-310"},
                    Refused{"0.1,1,0.10", "'0.1', which is there twice"},
                    Refused{"logspace(1,2)", "logspace(1,2)"},
                    Refused{"logspace(1,2,0)", "from 1 to 1000"},
                    Refused{"logspace(1,2,1001)", "from 1 to 1000"},
                    Refused{"logspace(1,2,2.5)", "logspace(A,B,N)"},
                    Refused{"logspace(0,400,3)", "'inf'"}, Refused{"logspace(1,1,2)", "twice"},
                    Refused{"linspace(1,2,3)", "'linspace(1'"}));

}  // namespace
}  // namespace gradstep
