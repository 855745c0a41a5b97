#pragma once

#ifdef __FMA__
#include <immintrin.h>
#endif

#include <cmath>
#include <cstdint>

namespace gradstep {

// A source built for other instructions has other Lanes, and so other names of all that takes them:
// the linker must not hand one's code to the other.
#ifdef __AVX512F__
inline namespace registers_of_64_bytes {
inline constexpr int register_bytes = 64;
#elif defined(__AVX__)
inline namespace registers_of_32_bytes {
inline constexpr int register_bytes = 32;
#else
inline namespace registers_of_16_bytes {
inline constexpr int register_bytes = 16;
#endif

#ifdef __FP_FAST_FMA
inline constexpr bool rounds_fma_once = true;
#else
inline constexpr bool rounds_fma_once = false;
#endif

/// Eight doubles that are computed with at once. Operations have the same order and roundings
/// whatever the width of a register, so sums over lanes have the same bits on every CPU with a
/// fused multiply-add. Internal to kernels/*.cpp and steps/csv/number_lanes.hpp.
struct Lanes {
  using Part [[gnu::vector_size(register_bytes)]] = double;
  using Bits [[gnu::vector_size(register_bytes)]] = std::uint64_t;
  using InMemory [[gnu::vector_size(register_bytes), gnu::aligned(8), gnu::may_alias]] = double;
  static constexpr std::int64_t count = 8;
  static constexpr int parts = count * static_cast<int>(sizeof(double)) / register_bytes;
  static constexpr std::int64_t per_part = count / parts;

  Part part[parts];

  [[gnu::always_inline]] static Lanes of(double value) {
    Lanes lanes;
    for (Part& part : lanes.part) part = value - Part{};  // + would make -0 a +0
    return lanes;
  }

  [[gnu::always_inline]] static Lanes load(const double* from) {
    Lanes lanes;
    for (int k = 0; k < parts; ++k) lanes.part[k] = load_part(from + k * per_part);
    return lanes;
  }

  [[gnu::always_inline]] static Part load_part(const double* from) {
    return *reinterpret_cast<const InMemory*>(from);
  }

  [[gnu::always_inline]] void store(double* to) const {
    for (int k = 0; k < parts; ++k) reinterpret_cast<InMemory*>(to)[k] = part[k];
  }

  /// Lanes k and k + 4 first, then k and k + 2, then k and k + 1.
  [[nodiscard, gnu::always_inline]] double sum() const {
#if defined(__AVX512F__)
    using Half [[gnu::vector_size(32)]] = double;
    const Half four = __builtin_shufflevector(part[0], part[0], 0, 1, 2, 3) +
                      __builtin_shufflevector(part[0], part[0], 4, 5, 6, 7);
    const Half two = four + __builtin_shufflevector(four, four, 2, 3, 2, 3);
#elif defined(__AVX__)
    const Part four = part[0] + part[1];
    const Part two = four + __builtin_shufflevector(four, four, 2, 3, 2, 3);
#else
    const Part two = (part[0] + part[2]) + (part[1] + part[3]);
#endif
    return two[0] + two[1];
  }
};

/// Calls combine(part, part, ...) for each register of the operands.
template <class Combine, class... Operands>
[[gnu::always_inline]] inline Lanes by_part(const Combine& combine, const Operands&... operands) {
  Lanes lanes;
  for (int k = 0; k < Lanes::parts; ++k) lanes.part[k] = combine(operands.part[k]...);
  return lanes;
}

/// a b + c, rounded once if the build's baseline has such an instruction.
[[gnu::always_inline]] inline Lanes::Part fma(Lanes::Part a, Lanes::Part b, Lanes::Part c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_pd(a, b, c);
#elif defined(__FP_FAST_FMA)
  for (int k = 0; k < register_bytes / 8; ++k) a[k] = std::fma(a[k], b[k], c[k]);
  return a;
#else
  return a * b + c;
#endif
}

[[gnu::always_inline]] inline Lanes fma(const Lanes& a, const Lanes& b, const Lanes& c) {
  return by_part([](auto x, auto y, auto z) { return fma(x, y, z); }, a, b, c);
}

// std::sqrt looks at errno for each number.
[[gnu::always_inline]] inline Lanes square_root(const Lanes& a) {
  return by_part(
      [](Lanes::Part x) -> Lanes::Part {
#if defined(__AVX512F__)
        return _mm512_maskz_sqrt_pd(0xff, x);  // g++ 12 warns of what is in _mm512_sqrt_pd
#elif defined(__FMA__)
        return _mm256_sqrt_pd(x);
#else
        for (int k = 0; k < register_bytes / 8; ++k) x[k] = std::sqrt(x[k]);
        return x;
#endif
      },
      a);
}

[[gnu::always_inline]] inline Lanes operator+(const Lanes& a, const Lanes& b) {
  return by_part([](auto x, auto y) { return x + y; }, a, b);
}
[[gnu::always_inline]] inline Lanes operator-(const Lanes& a, const Lanes& b) {
  return by_part([](auto x, auto y) { return x - y; }, a, b);
}
[[gnu::always_inline]] inline Lanes operator*(const Lanes& a, const Lanes& b) {
  return by_part([](auto x, auto y) { return x * y; }, a, b);
}
[[gnu::always_inline]] inline Lanes operator/(const Lanes& a, const Lanes& b) {
  return by_part([](auto x, auto y) { return x / y; }, a, b);
}

/// yes where a < b, else no; also where one of them is NaN.
[[gnu::always_inline]] inline Lanes where_less(const Lanes& a, const Lanes& b, const Lanes& yes,
                                               const Lanes& no) {
  return by_part([](auto x, auto y, auto p, auto q) { return x < y ? p : q; }, a, b, yes, no);
}

}  // namespace registers_of_...
}  // namespace gradstep
