#pragma once

#ifdef __SSE4_1__
#include <immintrin.h>
#endif

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "steps/csv/ascii.hpp"

namespace gradstep::csv {

/// A field of digits with at most one point among them, behind a '-' or not: digits / 10^decimals.
struct ShortDecimal {
  std::uint64_t digits = 0;
  int decimals = 0;  ///< digits behind the point
  bool point = false;
  bool negative = false;
};

/// A field is short when it has so many bytes at most, the '-' left aside.
inline constexpr std::size_t longest_short_decimal = 16;

/// The field's bytes behind the '-', or nullptr when there are none or too many of them.
[[nodiscard]] inline const char* short_body(std::string_view field, ShortDecimal& decimal) {
  decimal.negative = !field.empty() && field[0] == '-';
  const std::size_t size = field.size() - (decimal.negative ? 1 : 0);
  if (size - 1 >= longest_short_decimal) return nullptr;
  return field.data() + (decimal.negative ? 1 : 0);
}

#ifdef __SSE4_1__

/// Reads a short decimal; false for anything else, and near the end of the text.
/// @param text_end  the bytes before it may be read, whatever field they belong to
/// Cost: no loop and no branch that depends on the number's length.
[[nodiscard]] inline bool read_short_decimal(std::string_view field, const char* text_end,
                                             ShortDecimal& decimal) {
  const char* const body = short_body(field, decimal);
  if (body == nullptr || text_end - body < 16) return false;
  const auto size = static_cast<int>(field.data() + field.size() - body);
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(body));
  const __m128i values = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const auto mask = [](__m128i equal) { return static_cast<unsigned>(_mm_movemask_epi8(equal)); };
  const unsigned within = (1U << static_cast<unsigned>(size)) - 1;
  const unsigned digits =
      mask(_mm_cmpeq_epi8(_mm_min_epu8(values, _mm_set1_epi8(9)), values)) & within;
  const unsigned points = mask(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'))) & within;
  if ((digits | points) != within || digits == 0 || (points & (points - 1)) != 0) return false;

  // The digits to the right end of 16 places, zeros before them, the point left out.
  decimal.point = points != 0;
  const int point = std::countr_zero(points | 1U << 16U);  // 16: behind every digit
  const int count = size - (decimal.point ? 1 : 0);
  decimal.decimals = decimal.point ? count - point : 0;
  const __m128i places = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m128i index = _mm_add_epi8(places, _mm_set1_epi8(static_cast<char>(count - 16)));
  const __m128i behind_point =
      _mm_cmpgt_epi8(index, _mm_set1_epi8(static_cast<char>(point - 1)));  // -1 where true
  const __m128i aligned = _mm_shuffle_epi8(values, _mm_sub_epi8(index, behind_point));

  // 16 digits to 8 pairs, 4 fours, 2 eights.
  const __m128i pairs = _mm_maddubs_epi16(
      aligned, _mm_setr_epi8(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1));
  const __m128i fours = _mm_madd_epi16(pairs, _mm_setr_epi16(100, 1, 100, 1, 100, 1, 100, 1));
  const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours),
                                        _mm_setr_epi16(10000, 1, 10000, 1, 10000, 1, 10000, 1));
  const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
  decimal.digits = (both & 0xFFFFFFFFU) * 100'000'000 + (both >> 32U);
  return true;
}

#else

[[nodiscard]] inline bool read_short_decimal(std::string_view field, const char*,
                                             ShortDecimal& decimal) {
  const char* const body = short_body(field, decimal);
  if (body == nullptr) return false;
  bool digit = false;
  for (const char* at = body; at != field.data() + field.size(); ++at) {
    if (*at == '.' && !decimal.point) {
      decimal.point = true;
    } else if (is_digit(*at)) {
      digit = true;
      decimal.digits = decimal.digits * 10 + static_cast<unsigned>(*at - '0');
      decimal.decimals += decimal.point ? 1 : 0;
    } else {
      return false;
    }
  }
  return digit;
}

#endif

/// The nearest double, where one division gives it: digits and power of ten are exact doubles, and
/// a division of exact numbers is correctly rounded. False where the digits are none.
[[nodiscard]] inline bool to_float64(const ShortDecimal& decimal, double& value) {
  constexpr std::array<double, 17> powers = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                             1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
  constexpr std::uint64_t exact = std::uint64_t{1} << 53U;
  if (decimal.digits > exact) return false;
  const double magnitude = static_cast<double>(static_cast<std::int64_t>(decimal.digits)) /
                           powers[static_cast<std::size_t>(decimal.decimals)];
  value = decimal.negative ? -magnitude : magnitude;
  return true;
}

}  // namespace gradstep::csv
