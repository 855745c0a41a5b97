#pragma once

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include <cstdint>

namespace gradstep::csv {

/// Which of 64 bytes have a meaning in CSV: bit i is byte i.
struct ByteMasks {
  std::uint64_t commas = 0;
  std::uint64_t newlines = 0;
  std::uint64_t returns = 0;  ///< \r
  std::uint64_t quotes = 0;
};

inline constexpr std::int64_t bytes_of_a_mask = 64;

/// @param text  64 bytes
[[nodiscard]] inline ByteMasks byte_masks(const char* text) {
#ifdef __AVX2__
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
  const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text + 32));
  const auto mask = [&](char c) {
    const __m256i wanted = _mm256_set1_epi8(c);
    const auto of = [&](__m256i bytes) {
      return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, wanted)));
    };
    return std::uint64_t{of(high)} << 32U | of(low);
  };
#else
  const auto mask = [&](char c) {
    std::uint64_t bits = 0;
    for (unsigned i = 0; i < bytes_of_a_mask; ++i)
      bits |= static_cast<std::uint64_t>(text[i] == c) << i;
    return bits;
  };
#endif
  return {mask(','), mask('\n'), mask('\r'), mask('"')};
}

}  // namespace gradstep::csv
