#include "steps/csv/number_print.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string_view>

#include "steps/csv/field_print.hpp"
#include "steps/csv/shortest_decimal.hpp"

namespace gradstep::csv {
namespace {

constexpr std::uint64_t ten_to_the_8 = 100'000'000;
constexpr std::uint64_t ten_to_the_16 = ten_to_the_8 * ten_to_the_8;
constexpr std::uint64_t eight_zeros = 0x3030303030303030U;

// The decimal digits of n < 10^8 as the bytes of an integer, the first digit in the lowest byte.
// Divides in parallel: by 10000 into two lanes, by 100 into four, by 10 into eight.
std::uint64_t eight_digits(std::uint64_t n) {
  const std::uint64_t halves = n / 10000 | n % 10000 << 32U;
  const std::uint64_t hundreds = halves * 10486 >> 20U & 0x7F0000007FU;
  const std::uint64_t quarters = hundreds | (halves - 100 * hundreds) << 16U;
  const std::uint64_t tens = quarters * 103 >> 10U & 0x000F000F000F000FU;
  return tens | (quarters - 10 * tens) << 8U;
}

void put_eight(char* out, std::uint64_t bytes) { std::memcpy(out, &bytes, sizeof(bytes)); }

// Writes n < 10^8 without leading zeros, and some bytes more.
char* print_short(char* out, std::uint64_t n) {
  const std::uint64_t digits = eight_digits(n);
  // Zero has one digit: the last byte counts whatever it is.
  const auto leading =
      static_cast<unsigned>(std::countr_zero(digits | std::uint64_t{1} << 56U)) / 8;
  put_eight(out, (digits | eight_zeros) >> 8 * leading);
  return out + (8 - leading);
}

// A number's 17 digits after zeros have been put behind; it has fewer when they end in zeros.
struct Digits {
  std::uint64_t first = 0;  // one digit
  std::uint64_t next = 0;   // eight bytes
  std::uint64_t last = 0;   // eight bytes
  int count = 0;            // without the zeros at the end

  explicit Digits(std::uint64_t number) : first(number / ten_to_the_16) {
    const std::uint64_t rest = number % ten_to_the_16;
    next = eight_digits(rest / ten_to_the_8);
    last = eight_digits(rest % ten_to_the_8);
    // Without a branch, which would go by the number's last digits.
    const auto used = [](std::uint64_t digits) { return (71 - std::countl_zero(digits)) / 8; };
    count = 1 + std::max(used(next), (8 + used(last)) & -static_cast<int>(last != 0));
  }

  void put_behind_first(char* out) const {
    put_eight(out, next | eight_zeros);
    put_eight(out + 8, last | eight_zeros);
  }
};

char* print_small(char* out, const Digits& digits, int exponent) {
  put_eight(out, 0x3030303030302E30U);  // "0.000000"
  out += 1 - exponent;
  *out = static_cast<char>('0' + digits.first);
  digits.put_behind_first(out + 1);
  return out + digits.count;
}

char* print_positional(char* out, const Digits& digits, int exponent) {
  // All digits one place to the right, then those before the point over them; by whole words, so
  // that nothing is read back that was only just stored.
  out[1] = static_cast<char>('0' + digits.first);
  digits.put_behind_first(out + 2);
  constexpr int of_a_word = 7;
  const std::uint64_t word = ('0' + digits.first) | (digits.next | eight_zeros) << 8U;
  if (exponent < of_a_word) {
    const unsigned point = 8 * (static_cast<unsigned>(exponent) + 1);
    const std::uint64_t whole = (std::uint64_t{1} << point) - 1;
    const std::uint64_t behind = ~(whole << 8U | 0xFFU);
    put_eight(out, (word & whole) | std::uint64_t{'.'} << point | (word << 8U & behind));
  } else {
    std::memmove(out, out + 1, static_cast<std::size_t>(exponent) + 1);
    out[exponent + 1] = '.';
  }
  const int fraction = digits.count - (exponent + 1);
  return out + exponent + 2 + (fraction > 0 ? fraction : 1);  // the 0 behind an integral value
}

char* print_scientific(char* out, const Digits& digits, int exponent) {
  *out++ = static_cast<char>('0' + digits.first);
  *out = '.';
  digits.put_behind_first(out + 1);
  if (digits.count > 1) out += digits.count;
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  const auto size = static_cast<std::uint64_t>(std::abs(exponent));
  if (size < 10) *out++ = '0';
  return print_short(out, size);
}

}  // namespace

char* print(char* out, double value) {
  if (std::isnan(value)) return out;
  *out = '-';
  out += std::signbit(value) ? 1 : 0;
  value = std::abs(value);
  // Ints, frequent because a missing value makes an int column float64, need no shortest digits.
  constexpr double exact_ints = 1e15;
  if (value < exact_ints && value == std::trunc(value))
    return put(print(out, static_cast<std::uint64_t>(value)), ".0");
  if (std::isinf(value)) return put(out, "inf");

  Decimal decimal = shortest_decimal(value);
  // To 17 digits. Whether there are 16 changes from number to number: no branch. Only subnormal
  // numbers have fewer.
  const bool one_more = decimal.digits < ten_to_the_16;
  decimal.digits *= 1 + 9 * static_cast<std::uint64_t>(one_more);
  decimal.exponent -= one_more ? 1 : 0;
  for (; decimal.digits < ten_to_the_16; --decimal.exponent) decimal.digits *= 10;
  const Digits digits(decimal.digits);
  const int exponent = decimal.exponent + 16;  // of the first digit
  if (exponent < -4 || exponent >= 16) return print_scientific(out, digits, exponent);
  return exponent < 0 ? print_small(out, digits, exponent)
                      : print_positional(out, digits, exponent);
}

char* print(char* out, std::int64_t value) {
  *out = '-';
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? print(out + 1, 0 - bits) : print(out, bits);
}

char* print(char* out, std::uint64_t value) {
  if (value < ten_to_the_8) return print_short(out, value);
  out = print(out, value / ten_to_the_8);
  put_eight(out, eight_digits(value % ten_to_the_8) | eight_zeros);
  return out + 8;
}

}  // namespace gradstep::csv
