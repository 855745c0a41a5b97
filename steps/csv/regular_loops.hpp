#pragma once

#include <bit>
#include <cstring>

#include "steps/csv/byte_masks.hpp"
#include "steps/csv/regular_records.hpp"

namespace gradstep::csv {
inline namespace GRADSTEP_BYTES_NAMESPACE {

#ifdef __AVX512VBMI2__

/// Writes the fields that end at the bits of `ends`; some behind them are overwritten.
/// @param first  where the 64 bytes start, `begin` where the first field does
[[gnu::always_inline]] inline void put_fields(Field* fields, std::uint64_t ends,
                                              std::uint32_t first, std::uint32_t begin) {
  using Bytes [[gnu::vector_size(64)]] = unsigned char;
  using Words [[gnu::vector_size(64)]] = std::uint32_t;
  using Stored [[gnu::vector_size(64), gnu::aligned(8), gnu::may_alias]] = std::uint32_t;
  static_assert(sizeof(Field) == 8);
  // GCC 12 warns of the variants of intrinsics without a mask.
  constexpr __mmask16 all_lanes = 0xFFFF;
  constexpr Bytes places = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                            16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                            32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                            48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  constexpr Words one_before = {15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30};
  constexpr Words first_pairs = {0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23};
  constexpr Words next_bytes = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3};
  auto rest =
      reinterpret_cast<Words>(_mm512_maskz_compress_epi8(ends, reinterpret_cast<__m512i>(places)));
  Words before = (begin - 1) - Words{};
  for (int left = std::popcount(ends); left > 0; left -= 16) {
    __m128i sixteen;
    std::memcpy(&sixteen, &rest, sizeof(sixteen));
    const Words stops =
        reinterpret_cast<Words>(_mm512_maskz_cvtepu8_epi32(all_lanes, sixteen)) + first;
    const Words begins = __builtin_shuffle(before, stops, one_before) + 1;
    const Words sizes = stops - begins;
    *reinterpret_cast<Stored*>(fields) = __builtin_shuffle(begins, sizes, first_pairs);
    *reinterpret_cast<Stored*>(fields + 8) = __builtin_shuffle(begins, sizes, first_pairs + 8);
    fields += 16;
    before = stops;
    rest = __builtin_shuffle(rest, next_bytes);
  }
}

#else

[[gnu::always_inline]] inline void put_fields(Field* fields, std::uint64_t ends,
                                              std::uint32_t first, std::uint32_t begin) {
  // Four at a time, some in vain: how many there are is as random as data, and so would a branch
  // be.
  for (int left = std::popcount(ends); left > 0; left -= 4) {
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t stop = first + static_cast<std::uint32_t>(std::countr_zero(ends));
      *fields++ = {begin, (stop - begin) & 0x7FFFFFFFU, 0};
      begin = stop + 1;
      ends &= ends - 1;
    }
  }
}

#endif

inline void split_regular_steps(const PlainText& plain, PlainPlace& place) {
  const char* at = place.at;
  const char* begin = place.begin;
  std::int64_t column = place.column;
  std::int64_t rows = place.rows;
  // The \r before a \n may stand in the step before.
  bool after_return = at != plain.text && at[-1] == '\r';
  for (; plain.end - at > bytes_of_a_mask; at += bytes_of_a_mask) {
    const ByteMasks masks = byte_masks(at);
    const std::uint64_t line_starts = masks.newlines << 1U;
    const bool newline_last = (masks.newlines >> 63U) != 0;
    if ((masks.quotes | masks.returns | (line_starts & masks.blanks)) != 0 || after_return) break;
    if (newline_last && static_cast<unsigned char>(at[bytes_of_a_mask]) <= ' ') break;
    const std::int64_t next = rows * plain.width + column;
    if (next + fields_of_a_step > plain.room) break;
    const std::uint64_t ends = masks.commas | masks.newlines;

    std::int64_t whole = 0;   // lines that end in this step,
    std::int64_t behind = 0;  // and the fields up to the latest of these ends
    bool right_width = true;
    for (std::uint64_t rest = masks.newlines; rest != 0; rest &= rest - 1) {
      const std::int64_t up_to = std::popcount(ends & (rest ^ (rest - 1)));
      right_width = right_width && (whole == 0 ? column : 0) + up_to - behind == plain.width;
      behind = up_to;
      ++whole;
    }
    const std::int64_t now_at = (whole == 0 ? column : 0) + std::popcount(ends) - behind;
    if (!right_width || now_at >= plain.width) break;

    put_fields(plain.fields + next, ends, static_cast<std::uint32_t>(at - plain.text),
               static_cast<std::uint32_t>(begin - plain.text));
    column = now_at;
    rows += whole;
    if (ends != 0) begin = at + (bytes_of_a_mask - std::countl_zero(ends));
    if (whole > 0) place.record = at + (bytes_of_a_mask - std::countl_zero(masks.newlines));
  }
  place.at = at;
  place.begin = begin;
  place.column = column;
  place.rows = rows;
}

}  // namespace GRADSTEP_BYTES_NAMESPACE
}  // namespace gradstep::csv
