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

/// Where a short decimal has what: bit 15 is the last byte, bit 16 - size the first behind the '-'.
struct DecimalMasks {
  unsigned digits = 0;
  unsigned zeros = 0;
  unsigned points = 0;  ///< one at most
  std::size_t size = 0;
};

/// A field is short when it has so many bytes at most, the '-' left aside.
inline constexpr std::size_t longest_short_decimal = 16;

/// False for a field that is too long for a short decimal.
[[nodiscard]] inline bool may_be_short(std::string_view field) {
  return field.size() <= longest_short_decimal + 1;
}

/// How many bytes the field has behind the '-'; 0 where it is too long, too.
[[nodiscard]] inline std::size_t short_size(std::string_view field, bool& negative) {
  if (field.empty()) return 0;
  negative = field[0] == '-';
  const std::size_t size = field.size() - static_cast<std::size_t>(negative);
  return size <= longest_short_decimal ? size : 0;
}

#ifdef __SSE4_1__

/// The last 16 bytes of the field less '0'; those before the last `size` are 0, or 0xFF.
template <bool zeros_before = true>
[[nodiscard]] inline __m128i last_16(std::string_view field, std::size_t size) {
  alignas(16) static constexpr std::array<std::uint8_t, 32> before = {
      0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
      0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  const auto load = [](const void* at) { return _mm_loadu_si128(static_cast<const __m128i*>(at)); };
  const __m128i bytes = load(field.data() + field.size() - 16);
  const __m128i values = _mm_sub_epi8(bytes, _mm_set1_epi8('0'));
  const __m128i mask = load(before.data() + size);
  return zeros_before ? _mm_andnot_si128(mask, values) : _mm_or_si128(mask, values);
}

/// Whether each of 16 bytes is 9 at most.
[[nodiscard]] inline bool are_digits(__m128i values) {
  const __m128i above = _mm_subs_epu8(values, _mm_set1_epi8(9));
  return _mm_testz_si128(above, above) != 0;
}

/// Which of 16 bytes are equal: bit i is byte i.
[[nodiscard]] inline unsigned equal_bytes(__m128i a, __m128i b) {
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)));
}

/// The number that 16 digits are.
[[nodiscard]] inline std::uint64_t value_of_digits(__m128i digits) {
  // To 8 pairs, 4 fours, 2 eights.
  const __m128i pairs = _mm_maddubs_epi16(
      digits, _mm_setr_epi8(10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1, 10, 1));
  const __m128i fours = _mm_madd_epi16(pairs, _mm_setr_epi16(100, 1, 100, 1, 100, 1, 100, 1));
  const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours),
                                        _mm_setr_epi16(10000, 1, 10000, 1, 10000, 1, 10000, 1));
  const auto both = static_cast<std::uint64_t>(_mm_cvtsi128_si64(eights));
  return (both & 0xFFFFFFFFU) * 100'000'000 + (both >> 32U);
}

/// Where 16 bytes come from when a point with so many of them behind it is left out; 16: no point.
inline constexpr auto places_without_point = [] {
  std::array<std::array<std::int8_t, 16>, 17> places{};
  for (int behind = 0; behind <= 16; ++behind)
    for (int i = 0; i < 16; ++i)
      places[static_cast<std::size_t>(behind)][static_cast<std::size_t>(i)] =
          static_cast<std::int8_t>(behind == 16 || i > 15 - behind ? i : i - 1);
  return places;
}();

/// Reads a short decimal; false for anything else, and near the start of the text.
/// @param text  where the text starts that the field is part of: bytes before the field are read
/// Cost: no loop and no branch that depends on the number's length.
[[nodiscard]] inline bool read_short_decimal(std::string_view field, const char* text,
                                             ShortDecimal& decimal) {
  const std::size_t size = short_size(field, decimal.negative);
  if (size == 0 || field.data() + field.size() - text < 16) return false;
  const __m128i values = last_16(field, size);
  const unsigned points = equal_bytes(values, _mm_set1_epi8('.' - '0'));
  const auto behind = static_cast<unsigned>(std::countl_zero(points)) - 16;  // 16: no point
  const __m128i digits = _mm_shuffle_epi8(
      values,
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(places_without_point[behind].data())));
  decimal.point = points != 0;
  // A second point is greater than 9, too.
  if (!are_digits(digits) || size == static_cast<std::size_t>(decimal.point)) return false;
  decimal.decimals = static_cast<int>(behind % 16);

  decimal.digits = value_of_digits(digits);
  return true;
}

/// The same where a point is refused, too: faster.
[[nodiscard]] inline bool read_short_int(std::string_view field, const char* text,
                                         ShortDecimal& decimal) {
  const std::size_t size = short_size(field, decimal.negative);
  if (size == 0 || field.data() + field.size() - text < 16) return false;
  const __m128i digits = last_16(field, size);
  if (!are_digits(digits)) return false;
  decimal.digits = value_of_digits(digits);
  return true;
}

/// Looks at a short decimal; false where read_short_decimal is.
[[nodiscard]] inline bool look_at_short_decimal(std::string_view field, const char* text,
                                                DecimalMasks& masks) {
  bool negative = false;
  masks.size = short_size(field, negative);
  if (masks.size == 0 || field.data() + field.size() - text < 16) return false;
  // Digits and points are in the field only: what is outside is greater than both.
  const __m128i values = last_16<false>(field, masks.size);
  masks.digits = equal_bytes(_mm_min_epu8(values, _mm_set1_epi8(9)), values);
  masks.zeros = equal_bytes(values, _mm_setzero_si128());
  masks.points = equal_bytes(values, _mm_set1_epi8('.' - '0'));
  const std::size_t points = masks.points != 0 ? 1 : 0;
  return masks.digits != 0 &&
         static_cast<std::size_t>(std::popcount(masks.digits)) + points == masks.size;
}

/// Looks at a short int; false where read_short_int is.
[[nodiscard]] inline bool look_at_short_int(std::string_view field, const char* text,
                                            std::size_t& size, bool& negative) {
  size = short_size(field, negative);
  if (size == 0 || field.data() + field.size() - text < 16) return false;
  return are_digits(last_16(field, size));
}

#else

[[nodiscard]] inline bool read_short_decimal(std::string_view field, const char*,
                                             ShortDecimal& decimal) {
  const std::size_t size = short_size(field, decimal.negative);
  if (size == 0) return false;
  bool digit = false;
  for (const char c : field.substr(field.size() - size)) {
    if (c == '.' && !decimal.point) {
      decimal.point = true;
    } else if (is_digit(c)) {
      digit = true;
      decimal.digits = decimal.digits * 10 + static_cast<unsigned>(c - '0');
      decimal.decimals += decimal.point ? 1 : 0;
    } else {
      return false;
    }
  }
  return digit;
}

[[nodiscard]] inline bool read_short_int(std::string_view field, const char* text,
                                         ShortDecimal& decimal) {
  return read_short_decimal(field, text, decimal) && !decimal.point;
}

[[nodiscard]] inline bool look_at_short_decimal(std::string_view field, const char*,
                                                DecimalMasks& masks) {
  bool negative = false;
  masks = {.size = short_size(field, negative)};
  unsigned bit = 1U << (16 - masks.size);
  for (const char c : field.substr(field.size() - masks.size)) {
    if (is_digit(c)) masks.digits |= bit;
    if (c == '0') masks.zeros |= bit;
    if (c == '.') masks.points |= bit;
    bit <<= 1U;
  }
  const auto found = static_cast<std::size_t>(std::popcount(masks.digits | masks.points));
  return masks.digits != 0 && found == masks.size && std::popcount(masks.points) <= 1;
}

[[nodiscard]] inline bool look_at_short_int(std::string_view field, const char* text,
                                            std::size_t& size, bool& negative) {
  DecimalMasks masks;
  size = short_size(field, negative);
  return look_at_short_decimal(field, text, masks) && masks.points == 0;
}

#endif

inline constexpr std::array<double, 17> exact_powers_of_ten = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};

/// The nearest double, where one division gives it: digits and power of ten are exact doubles, and
/// a division of exact numbers is correctly rounded. False where the digits are none.
[[nodiscard]] inline bool to_float64(const ShortDecimal& decimal, double& value) {
  constexpr std::uint64_t exact = std::uint64_t{1} << 53U;
  if (decimal.digits > exact) return false;
  const double magnitude = static_cast<double>(static_cast<std::int64_t>(decimal.digits)) /
                           exact_powers_of_ten[static_cast<std::size_t>(decimal.decimals)];
  // No branch: signs are as random as data.
  value = std::bit_cast<double>(std::bit_cast<std::uint64_t>(magnitude) |
                                static_cast<std::uint64_t>(decimal.negative) << 63U);
  return true;
}

}  // namespace gradstep::csv
