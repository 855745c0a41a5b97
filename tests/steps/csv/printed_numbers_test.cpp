#include "steps/csv/printed_numbers.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <limits>
#include <random>
#include <string>

namespace gradstep::csv {
namespace {

std::string printed(PrintedNumbers& numbers, double value) {
  std::array<char, longest_number> text{};
  char* const end = numbers.print(text.data(), std::bit_cast<std::int64_t>(value));
  return {text.data(), end};
}

std::string printed(double value) {
  std::array<char, longest_number> text{};
  char* const end = print(text.data(), value);
  return {text.data(), end};
}

TEST(PrintedNumbers, HaveTheTextOfThePrinterTheFirstTimeAndAgain) {
  PrintedNumbers numbers(4);
  numbers.start_run();

  for (int again = 0; again < 3; ++again) {
    EXPECT_EQ(printed(numbers, 0.5), "0.5");
    EXPECT_EQ(printed(numbers, -0.0), "-0.0");
    EXPECT_EQ(printed(numbers, 0.0), "0.0");
    EXPECT_EQ(printed(numbers, -1.7976931348623157e308), "-1.7976931348623157e+308");
  }
}

TEST(PrintedNumbers, HaveNoTextForNan) {
  PrintedNumbers numbers(4);
  numbers.start_run();
  const double nan = std::numeric_limits<double>::quiet_NaN();

  EXPECT_EQ(printed(numbers, nan), "");
  EXPECT_EQ(printed(numbers, 1.5), "1.5");
  EXPECT_EQ(printed(numbers, std::bit_cast<double>(std::bit_cast<std::uint64_t>(nan) + 1)), "");
  EXPECT_EQ(printed(numbers, nan), "");
}

TEST(PrintedNumbers, AreTheSameWhetherRememberingPaysOrNot) {
  for (const std::size_t entries : {0U, 2U, 16U, 1024U}) {
    PrintedNumbers numbers(entries);
    std::mt19937_64 random(1);
    for (int run = 0; run < 3; ++run) {
      numbers.start_run();
      for (int i = 0; i < 2000; ++i) {  // the second run's values do not repeat
        const double value =
            run == 1 ? std::bit_cast<double>(random()) : static_cast<double>(random() % 50) / 49;
        ASSERT_EQ(printed(numbers, value), printed(value));
      }
    }
  }
}

}  // namespace
}  // namespace gradstep::csv
