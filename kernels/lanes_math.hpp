#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/lanes.hpp"

namespace gradstep {

template <std::size_t size>
struct Series {
  double c[size];
};

/// c[0] + c[1] x + c[2] x^2 + …, by Horner's rule.
template <std::size_t size>
[[gnu::always_inline]] inline Lanes polynomial(const Series<size>& series, const Lanes& x) {
  const auto& c = series.c;
  Lanes sum = Lanes::of(c[size - 1]);
  for (std::size_t k = size - 1; k > 0; --k) sum = fma(sum, x, Lanes::of(c[k - 1]));
  return sum;
}

/// e^x for x <= 0, within 1 ulp (2 without a fused multiply-add); 0 below -708, where doubles begin
/// to lose digits.
///
/// x = k log 2 + r, |r| <= log(2) / 2; e^r is its Taylor series to the 13th power, whose rest is
/// below 5e-18. log 2 in two parts: k times the first has no rounding.
[[gnu::always_inline]] inline Lanes exp_of_negative(const Lanes& x) {
  static constexpr auto series = [] {
    Series<14> e{{1}};
    for (std::size_t k = 1; k < 14; ++k) e.c[k] = e.c[k - 1] / static_cast<double>(k);
    return e;
  }();
  constexpr double to_integer = 0x1.8p52;  // its last bit is worth 1, so k stands in the low bits
  const Lanes shifted = fma(x, Lanes::of(0x1.71547652b82fep0), Lanes::of(to_integer));
  const Lanes k = shifted - Lanes::of(to_integer);
  const Lanes rest = fma(k, Lanes::of(-0x1.62e42feep-1), x);
  const Lanes r = fma(k, Lanes::of(-0x1.a39ef35793c76p-33), rest);
  const Lanes e = by_part(
      [](Lanes::Part power, Lanes::Part bits) {
        const auto exponent = reinterpret_cast<Lanes::Bits>(bits) << 52;
        return reinterpret_cast<Lanes::Part>(reinterpret_cast<Lanes::Bits>(power) + exponent);
      },
      polynomial(series, r), shifted);
  return where_less(x, Lanes::of(-708), Lanes::of(0), e);
}

/// log(1 + x) for 0 <= x <= 1, within 2 ulp.
///
/// With f = x and s = f / (2 + f), log(1 + f) = 2 (s + s^3/3 + s^5/5 + ...) = f - s (f - r), where
/// r = 2 (s^2/3 + s^4/5 + ...): f has no rounding. Where x > sqrt(2) - 1, the logarithm of
/// (1 + x) / 2 is taken, so that |s| <= 0.172, and the rest after the 23rd power is below 1e-18 s.
[[gnu::always_inline]] inline Lanes log1p_up_to_one(const Lanes& x) {
  static constexpr auto series = [] {
    Series<11> log{};
    for (std::size_t k = 0; k < 11; ++k) log.c[k] = 2.0 / static_cast<double>(2 * k + 3);
    return log;
  }();
  const Lanes largest = Lanes::of(0.41421356237309505);
  const Lanes half = Lanes::of(0.5);
  const Lanes f = where_less(largest, x, half * x - half, x);
  const Lanes s = f / (Lanes::of(2) + f);
  const Lanes square = s * s;
  const Lanes correction = s * (f - square * polynomial(series, square));
  const Lanes log_of_two = Lanes::of(0x1.62e42fefa39efp-1);
  return where_less(largest, x, log_of_two, Lanes::of(0)) + (f - correction);
}

/// log(x) for a normal number x > 0, within 4e-16 max(1, |log x|).
///
/// x = 2^k m with 1 <= m < 2, which are parts of x's bits: log x = k log 2 + log(1 + (m - 1)).
[[gnu::always_inline]] inline Lanes log_of_normal(const Lanes& x) {
  constexpr std::uint64_t fraction = (std::uint64_t{1} << 52) - 1;
  constexpr std::uint64_t bits_of_one = 0x3ff0000000000000;
  constexpr std::uint64_t bits_of_2_to_52 = 0x4330000000000000;
  const Lanes exponent = by_part(
      [](Lanes::Part part) {
        const auto bits = reinterpret_cast<Lanes::Bits>(part);
        return reinterpret_cast<Lanes::Part>((bits >> 52) | bits_of_2_to_52);
      },
      x);
  const Lanes m = by_part(
      [](Lanes::Part part) {
        const auto bits = reinterpret_cast<Lanes::Bits>(part);
        return reinterpret_cast<Lanes::Part>((bits & fraction) | bits_of_one);
      },
      x);
  const Lanes k = exponent - Lanes::of(0x1p52 + 1023);
  const Lanes nan_of_nan = x - x;
  return fma(k, Lanes::of(0x1.62e42fefa39efp-1), log1p_up_to_one(m - Lanes::of(1))) + nan_of_nan;
}

}  // namespace gradstep
