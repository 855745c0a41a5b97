#include "steps/csv/shortest_decimal.hpp"

#include <bit>

#include "steps/csv/powers_of_ten.hpp"

namespace gradstep::csv {
namespace {

__extension__ using Uint128 = unsigned __int128;

constexpr PowersOfTen powers = powers_of_ten();

// floor(log2(10^e)) for |e| <= 1233.
constexpr int log2_of_power_of_ten(int e) { return e * 1741647 >> 19; }

// floor(log10(2^e)), or floor(log10(3/4 * 2^e)), for |e| <= 1500.
constexpr int log10_of_power_of_two(int e, bool three_quarters) {
  return (e * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

// A number of 64 bits and a fraction of 128.
struct Fixed {
  std::uint64_t integer = 0;
  Uint128 fraction = 0;
};

// The integer part, odd when what is cut off is not zero. The power of ten is rounded up by less
// than one unit, so a fraction that small is none.
std::uint64_t round_to_odd(const Fixed& number) {
  const auto fraction = static_cast<std::uint64_t>(number.fraction >> 64U);
  return number.integer | static_cast<std::uint64_t>(fraction > 1);
}

Fixed times(const PowerOfTen& power, std::uint64_t factor) {
  const Uint128 low = Uint128{power.low} * factor;
  const Uint128 high = Uint128{power.high} * factor + static_cast<std::uint64_t>(low >> 64U);
  return {static_cast<std::uint64_t>(high >> 64U), high << 64U | static_cast<std::uint64_t>(low)};
}

// The power times 2^by, by = 1 ... 63. Word by word: a shift of 128 bits has branches.
Fixed shifted(const PowerOfTen& power, unsigned by) {
  const std::uint64_t middle = power.high << by | power.low >> (64 - by);
  return {power.high >> (64 - by), Uint128{middle} << 64U | power.low << by};
}

Fixed sum(const Fixed& a, const Fixed& b) {
  const Uint128 fraction = a.fraction + b.fraction;
  return {a.integer + b.integer + static_cast<std::uint64_t>(fraction < a.fraction), fraction};
}

Fixed difference(const Fixed& a, const Fixed& b) {
  return {a.integer - b.integer - static_cast<std::uint64_t>(a.fraction < b.fraction),
          a.fraction - b.fraction};
}

// Without a branch: the conditions here are as random as the digits.
std::uint64_t choose(bool first, std::uint64_t a, std::uint64_t b) {
  return b ^ ((a ^ b) & (0 - static_cast<std::uint64_t>(first)));
}

}  // namespace

Decimal shortest_decimal(double value) {
  constexpr int fraction_bits = 52;
  constexpr std::uint64_t hidden_bit = std::uint64_t{1} << 52U;
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t fraction = bits & (hidden_bit - 1);
  const auto biased = static_cast<int>(bits >> 52U);
  // value = c * 2^q
  const std::uint64_t c = biased != 0 ? hidden_bit | fraction : fraction;
  const int q = (biased != 0 ? biased : 1) - 1023 - fraction_bits;
  // Below a power of two the next double is only half as far away.
  const bool closer = fraction == 0 && biased > 1;

  const int k = log10_of_power_of_two(q, closer);
  const auto h = static_cast<unsigned>(q + log2_of_power_of_ten(-k) + 1);
  const PowerOfTen& power = powers[static_cast<std::size_t>(-k - lowest_power)];
  // In units of 10^k / 4: the value, and where the values begin and end that round to it.
  const Fixed exact = times(power, 4 * c << h);
  const std::uint64_t middle = round_to_odd(exact);
  const std::uint64_t odd = c & 1U;  // then the ends themselves round to a neighbour
  const std::uint64_t lower =
      round_to_odd(difference(exact, shifted(power, closer ? h : h + 1))) + odd;
  const std::uint64_t upper = round_to_odd(sum(exact, shifted(power, h + 1))) - odd;

  // The multiples of 10^(k+1) beside the value, if one of them lies between the ends.
  const std::uint64_t s = middle / 4;
  const std::uint64_t tens = s / 10;
  const bool ten_below = lower <= 40 * tens;
  const bool ten_above = 40 * tens + 40 <= upper;
  // Else those of 10^k.
  const bool below = lower <= 4 * s;
  const bool above = 4 * s + 4 <= upper;
  const std::uint64_t half = 4 * s + 2;
  const bool nearer_above = (middle > half) | ((middle == half) & ((s & 1U) != 0));
  const std::uint64_t near = s + choose(below != above, static_cast<std::uint64_t>(above),
                                        static_cast<std::uint64_t>(nearer_above));
  const std::uint64_t by_ten = 10 * (tens + static_cast<std::uint64_t>(ten_above));
  return {choose((ten_below != ten_above) & (s >= 10), by_ten, near), k};
}

}  // namespace gradstep::csv
