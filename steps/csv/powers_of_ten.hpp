#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace gradstep::csv {

/// 10^k scaled by a power of two to 128 bits, the highest set, and rounded up.
struct PowerOfTen {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

inline constexpr int lowest_power = -292;  ///< of those that a shortest decimal needs
inline constexpr int highest_power = 324;

using PowersOfTen = std::array<PowerOfTen, highest_power - lowest_power + 1>;

/// An integer long enough for 5^324 and for 2^832; the lowest 32 bits first.
using LongInteger = std::array<std::uint32_t, 27>;

/// The 128 bits from the highest set one on, rounded up when anything is cut off or `more` is
/// behind the integer.
[[nodiscard]] constexpr PowerOfTen leading_bits(const LongInteger& from, bool more) {
  std::size_t top = from.size() - 1;
  while (from[top] == 0) --top;
  const auto limb = [&](std::size_t below_top) -> std::uint64_t {
    return below_top > top ? 0 : from[top - below_top];
  };
  // 160 bits that start with the highest limb, shifted to the left until their highest bit is set.
  const int shift = std::countl_zero(from[top]);
  const auto shifted = [&](std::size_t i) -> std::uint64_t {
    return (limb(i) << 32U | limb(i + 1)) << static_cast<unsigned>(shift) >> 32U & 0xFFFFFFFFU;
  };
  PowerOfTen power{shifted(0) << 32U | shifted(1), shifted(2) << 32U | shifted(3)};
  more = more || (limb(4) << static_cast<unsigned>(shift) & 0xFFFFFFFFU) != 0;
  for (std::size_t i = 5; i <= top; ++i) more = more || limb(i) != 0;
  if (more && ++power.low == 0) ++power.high;
  return power;
}

/// Powers of ten and of five differ by a power of two only, which the scaling takes away.
[[nodiscard]] constexpr PowersOfTen powers_of_ten() {
  PowersOfTen powers;
  LongInteger power{1};
  for (int k = 0; k <= highest_power; ++k) {
    powers[static_cast<std::size_t>(k - lowest_power)] = leading_bits(power, false);
    std::uint64_t carry = 0;
    for (std::uint32_t& limb : power) {
      carry += std::uint64_t{limb} * 5;
      limb = static_cast<std::uint32_t>(carry);
      carry >>= 32U;
    }
  }
  // floor(2^832 / 5^k): a quotient's floor divided by five is the floor of the next quotient.
  LongInteger quotient{};
  quotient.back() = 1;
  for (int k = -1; k >= lowest_power; --k) {
    std::uint64_t rest = 0;
    for (std::size_t i = quotient.size(); i-- > 0;) {
      rest = rest << 32U | quotient[i];
      quotient[i] = static_cast<std::uint32_t>(rest / 5);
      rest %= 5;
    }
    powers[static_cast<std::size_t>(k - lowest_power)] = leading_bits(quotient, true);
  }
  return powers;
}

}  // namespace gradstep::csv
