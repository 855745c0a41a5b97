#pragma once

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include <cstdint>

namespace gradstep::csv {

// A source built for other instructions has other names: the linker must not hand one's code to
// the other.
#if defined(__AVX512VBMI2__)
inline namespace bytes_with_avx512_vbmi2 {
#elif defined(__AVX512BW__)
inline namespace bytes_with_avx512 {
#else
inline namespace bytes_with_baseline {
#endif

/// Which of 64 bytes have a meaning in CSV: bit i is byte i.
struct ByteMasks {
  std::uint64_t commas = 0;
  std::uint64_t newlines = 0;
  std::uint64_t returns = 0;  ///< \r
  std::uint64_t quotes = 0;
  std::uint64_t blanks = 0;  ///< blanks and what is below them, as tabs and line ends
};

inline constexpr std::int64_t bytes_of_a_mask = 64;

/// @param text  64 bytes
[[nodiscard]] inline ByteMasks byte_masks(const char* text) {
#if defined(__AVX512BW__)
  const __m512i bytes = _mm512_loadu_si512(text);
  const auto mask = [&](char c) { return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c)); };
  const auto up_to = [&](char c) { return _mm512_cmple_epu8_mask(bytes, _mm512_set1_epi8(c)); };
#elif defined(__AVX2__)
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + 32));
  const auto both = [&](auto true_of) {
    const auto bits = [&](__m256i bytes) {
      return static_cast<std::uint32_t>(_mm256_movemask_epi8(true_of(bytes)));
    };
    return std::uint64_t{bits(high)} << 32U | bits(low);
  };
  const auto mask = [&](char c) {
    return both([c](__m256i bytes) { return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(c)); });
  };
  const auto up_to = [&](char c) {
    return both([c](__m256i bytes) {
      return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(c)), bytes);
    });
  };
#else
  const auto both = [&](auto true_of) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < bytes_of_a_mask; ++i)
      bits |= static_cast<std::uint64_t>(true_of(static_cast<unsigned char>(text[i]))) << i;
    return bits;
  };
  const auto mask = [&](unsigned char c) {
    return both([c](unsigned char one) { return one == c; });
  };
  const auto up_to = [&](unsigned char c) {
    return both([c](unsigned char one) { return one <= c; });
  };
#endif
  return {mask(','), mask('\n'), mask('\r'), mask('"'), up_to(' ')};
}

}  // namespace bytes_with_...
}  // namespace gradstep::csv
