// The digits of several numbers at once, by arithmetic of doubles that does not round. Included by
// one source an instruction set, each of which has its own: hence no inline function of anyone
// else's may be called here, since the linker would keep one for all sources.
//
// For v = c 2^q with 52 < log2(c) < 53 let 10^-j be the highest power of ten up to 2^q. For the
// numbers here -66 <= q <= -14, so 5 <= j <= 20, and
// - 10^j is a double, so v 10^j = high + low exactly, the product and what its rounding took away;
// - v 10^j > 2^52, so `high` is an integer, and |low| <= 8, since v 10^j < 10 * 2^53 < 2^57;
// - all that is below one is a multiple of 2^(q+j-1) >= 2^-47: sums of it with integers up to 16
//   are doubles.
// A decimal reads back as v if it is at most w = 2^(q-1) 10^j away, in units of 10^-j; and at the
// distance w only if c is even. For these q 1/2 < w < 4.8, so the nearest integer always reads
// back, and at most one multiple of ten, the nearest. If it does it is the shortest decimal, else
// the nearest integer is. Where two are as near, `high` is even, because it is rounded to even or
// above 2^53; so `low` rounds to even, too. Source: R. Giulietti, "The Schubfach way to render
// doubles", 2021, whose 128 bits of a power are not needed here; tested against csv::print, which
// needs them.
#pragma once

#include "kernels/lanes.hpp"

namespace gradstep::csv {
namespace {

using Numbers = Lanes::Part;
using Uint64s = Lanes::Bits;
using Uint16s [[gnu::vector_size(register_bytes)]] = std::uint16_t;
using Uint32s [[gnu::vector_size(register_bytes)]] = std::uint32_t;

constexpr std::int64_t lanes = Lanes::per_part;

constexpr double least_common = 1e-4;
constexpr double beyond_common = 549755813888.0;  // 2^39
constexpr std::uint64_t fraction_bits = (std::uint64_t{1} << 52U) - 1;
constexpr std::uint64_t bits_of_infinity = ~fraction_bits << 1U >> 1U;
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63U;

// Added and taken away, leaves the nearest integer of a number up to 2^51.
constexpr double to_integer = 6755399441055744.0;  // 3 * 2^51
constexpr double two_to_the_52 = 4503599627370496.0;
constexpr double two_to_the_32 = 4294967296.0;

[[gnu::always_inline]] inline Numbers all(double value) { return value - Numbers{}; }

// The integer nearest to x * factor, in one rounding.
[[gnu::always_inline]] inline Numbers nearest(Numbers x, double factor) {
  return fma(x, all(factor), all(to_integer)) - to_integer;
}

// floor(n / divisor) of integers n >= 0: (n + 1/2) / divisor - 1/2 is no nearer to the middle of
// two integers than 1 / (2 divisor).
[[gnu::always_inline]] inline Numbers quotient(Numbers n, double divisor) {
  return fma(n, all(1 / divisor), all(0.5 / divisor - 0.5)) + to_integer - to_integer;
}

// The compiler does not know what is in `value`: it keeps it, where it would make the constant anew
// each time, and multiplies by it, where it would shift and add.
template <class Vector>
[[gnu::always_inline]] inline Vector opaque(Vector value) {
  asm("" : "+v"(value));
  return value;
}

// The integers that the functions below take, for the length of a loop.
struct Integers {
  Uint16s hundred = opaque(Uint16s{} + 100);
  Uint16s hundredth = opaque(Uint16s{} + 5243);  // 2^19 / 100
  Uint16s tenth = opaque(Uint16s{} + 6554);      // 2^16 / 10
  Uint16s both_digits = opaque(Uint16s{} + 2559);
  Uint16s log10_of_two = opaque(Uint16s{} + 19'729);  // 2^16 log10(2)
  Uint64s zeros = opaque(Uint64s{} + 0x3030303030303030U);
};

[[gnu::always_inline]] inline Uint16s high_products(Uint16s a, Uint16s b) {
#ifdef __AVX512F__
  return reinterpret_cast<Uint16s>(
      _mm512_mulhi_epu16(reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
#else
  return reinterpret_cast<Uint16s>(
      _mm256_mulhi_epu16(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#endif
}

// One bit a lane of a comparison's result.
[[gnu::always_inline]] inline unsigned bits_of(Uint64s mask) {
#ifdef __AVX512F__
  return _mm512_movepi64_mask(reinterpret_cast<__m512i>(mask));
#else
  return static_cast<unsigned>(_mm256_movemask_pd(reinterpret_cast<__m256d>(mask)));
#endif
}

constexpr int least_power = 5;
constexpr int number_of_powers = 16;
alignas(64) constexpr double powers[number_of_powers] = {
    1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20};

[[gnu::always_inline]] inline Numbers power_of_ten(Uint64s index) {
#ifdef __AVX512F__
  return _mm512_permutex2var_pd(_mm512_load_pd(powers), reinterpret_cast<__m512i>(index),
                                _mm512_load_pd(powers + 8));
#else
  // Not by vgatherqpd: no faster here, and slow where microcode guards gathers.
  return Numbers{powers[index[0]], powers[index[1]], powers[index[2]], powers[index[3]]};
#endif
}

// The shortest decimals (10^8 upper + lower) 10^-j, with 16 or 17 digits.
struct Decimals {
  Numbers upper, lower;
  Uint64s scale;  // 4 * (j - least_power) + 1 if there is a sign
};

// The 17 digits of decimals.
struct Columns {
  Uint64s first;   // a digit in the highest byte, behind seven zeros
  Uint64s next;    // eight
  Uint64s last;    // eight
  Uint64s layout;  // the scale + 2 if the first digit is a zero
};

// The eight digits of integers below 10^8 as bytes, the first in the lowest, from 0 to 9.
[[gnu::always_inline]] inline Uint64s eight_digits(Numbers n, const Integers& of) {
  const Numbers thousands = quotient(n, 10'000);
  // 2^52 + thousands + 2^32 (n - 10^4 thousands), whose bits are two integers side by side.
  const Numbers both = fma(thousands, all(1 - 10'000 * two_to_the_32),
                           fma(n, all(two_to_the_32), all(two_to_the_52)));
  const auto fours = reinterpret_cast<Uint16s>(reinterpret_cast<Uint64s>(both) ^
                                               reinterpret_cast<Uint64s>(all(two_to_the_52)));
  const Uint16s hundreds = high_products(fours, of.hundredth) >> 3;  // x / 100 for x < 43'690
  const auto rests = reinterpret_cast<Uint32s>(fours - hundreds * of.hundred) << 16;
  const auto twos = reinterpret_cast<Uint16s>(reinterpret_cast<Uint32s>(hundreds) | rests);
  const Uint16s tens = high_products(twos, of.tenth);  // x / 10 for x < 16'389
  // tens + 256 (twos - 10 tens)
  return reinterpret_cast<Uint64s>((twos << 8) - tens * of.both_digits);
}

// Of numbers with 1e-4 <= |v| < 2^39, no powers of two.
[[gnu::always_inline]] inline Decimals shortest_decimals(Numbers numbers, const Integers& of) {
  const Uint64s bits = reinterpret_cast<Uint64s>(numbers) & ~sign_bit;
  const auto v = reinterpret_cast<Numbers>(bits);
  // j is the next integer above -q log10(2), here from 14 * 0.30103 to 66 * 0.30103.
  const Uint64s minus_q = 1075 - (bits >> 52);
  const auto index = reinterpret_cast<Uint64s>(
                         high_products(reinterpret_cast<Uint16s>(minus_q), of.log10_of_two)) +
                     1 - least_power;
  const Numbers power = power_of_ten(index);
  const Numbers high = v * power;
  const Numbers low = fma(v, power, -high);
  const Numbers whole = low + to_integer - to_integer;
  const Numbers behind = low - whole;

  const Numbers half_gap = reinterpret_cast<Numbers>(bits & bits_of_infinity) * 0x1p-53;  // 2^(q-1)
  // An odd c's neighbours win at w itself.
  const auto reach =
      reinterpret_cast<Numbers>(reinterpret_cast<Uint64s>(half_gap * power) - (bits & 1));

  // `lower` is from -5 * 10^7 - 16 to 5 * 10^7 + 16; plus `behind` it is rounded, but by less than
  // what could bring a multiple of ten that reads back, 4.8 away, beyond the middle of two.
  Numbers upper = nearest(high, 1e-8);
  Numbers lower = fma(upper, all(-1e8), high) + whole;
  const Numbers tens = nearest(lower + behind, 0.1);
  const Numbers beyond = fma(tens, all(-10), lower);
  const auto distance =
      reinterpret_cast<Numbers>(reinterpret_cast<Uint64s>(beyond + behind) & ~sign_bit);
  lower -= distance <= reach ? beyond : Numbers{};
  const auto below = lower < Numbers{};
  upper -= below ? all(1) : Numbers{};
  lower += below ? all(1e8) : Numbers{};
  return {upper, lower, index << 2 | reinterpret_cast<Uint64s>(numbers) >> 63};
}

[[gnu::always_inline]] inline Columns digits_of(const Decimals& decimals, const Integers& of) {
  const Numbers first = quotient(decimals.upper, 1e8);
  const Uint64s next = eight_digits(fma(first, all(-1e8), decimals.upper), of);
  const Uint64s last = eight_digits(decimals.lower, of);
  const auto leading_zero = reinterpret_cast<Uint64s>(first == Numbers{});
  return {of.zeros | reinterpret_cast<Uint64s>(first + two_to_the_52) << 56, next | of.zeros,
          last | of.zeros, decimals.scale | (leading_zero & 2)};
}

}  // namespace
}  // namespace gradstep::csv
