// Splitting regular records. Included by one source an instruction set, each of which has its own:
// hence no inline function of anyone else's may be called here, since the linker would keep one for
// all sources.
#pragma once

#include <cstring>

#include "steps/csv/byte_masks.hpp"
#include "steps/csv/regular_records.hpp"

namespace gradstep::csv {
namespace {

#ifdef __AVX512VBMI2__

/// Writes the fields that end at the bits of `ends`; some behind them are overwritten.
/// @param first  where the 64 bytes start, `begin` where the first field does
[[gnu::always_inline]] inline void put_fields(Field* fields, std::uint64_t ends,
                                              std::uint32_t first, std::uint32_t begin) {
  using Bytes [[gnu::vector_size(64)]] = unsigned char;
  using Uint32s [[gnu::vector_size(64)]] = std::uint32_t;
  using Stored [[gnu::vector_size(64), gnu::aligned(4), gnu::may_alias]] = std::uint32_t;
  static_assert(sizeof(Field) == 8);
  // GCC 12 warns of the variants of intrinsics without a mask.
  constexpr __mmask16 all_lanes = 0xFFFF;
  constexpr Bytes places = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                            16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                            32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                            48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
  auto rest = reinterpret_cast<Uint32s>(
      _mm512_maskz_compress_epi8(ends, reinterpret_cast<__m512i>(places)));
  Uint32s before = (begin - 1) - Uint32s{};
  for (int left = __builtin_popcountll(ends); left > 0; left -= 16) {
    __m128i sixteen;
    std::memcpy(&sixteen, &rest, sizeof(sixteen));
    const Uint32s stops =
        reinterpret_cast<Uint32s>(_mm512_maskz_cvtepu8_epi32(all_lanes, sixteen)) + first;
    const Uint32s begins = __builtin_shufflevector(before, stops, 15, 16, 17, 18, 19, 20, 21, 22,
                                                   23, 24, 25, 26, 27, 28, 29, 30) +
                           1;
    const Uint32s sizes = stops - begins;
    *reinterpret_cast<Stored*>(fields) = __builtin_shufflevector(begins, sizes, 0, 16, 1, 17, 2, 18,
                                                                 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    *reinterpret_cast<Stored*>(fields + 8) = __builtin_shufflevector(
        begins, sizes, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    fields += 16;
    before = stops;
    rest =
        __builtin_shufflevector(rest, rest, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3);
  }
}

#else

[[gnu::always_inline]] inline void put_fields(Field* fields, std::uint64_t ends,
                                              std::uint32_t first, std::uint32_t begin) {
  // Four at a time, some in vain: how many there are is as random as data, and so would a branch
  // be.
  for (int left = __builtin_popcountll(ends); left > 0; left -= 4) {
    for (int i = 0; i < 4; ++i) {
      const std::uint32_t stop =
          first + (ends == 0 ? 64U : static_cast<std::uint32_t>(__builtin_ctzll(ends)));
      *fields++ = {begin, (stop - begin) & 0x7FFFFFFFU, 0};
      begin = stop + 1;
      ends &= ends - 1;
    }
  }
}

#endif

void split_regular_steps(const PlainText& plain, PlainPlace& place) {
  const char* at = place.at;
  const char* begin = place.begin;
  std::int64_t column = place.column;
  std::int64_t rows = place.rows;
  // A \r may stand in one step, and its \n in the next.
  std::uint64_t after_return = at != begin && at[-1] == '\r' ? 1 : 0;
  for (; plain.end - at > bytes_of_a_mask; at += bytes_of_a_mask) {
    const ByteMasks masks = byte_masks(at);
    const char behind_step = at[bytes_of_a_mask];
    const std::uint64_t before_newline =
        masks.newlines >> 1U | static_cast<std::uint64_t>(behind_step == '\n') << 63U;
    const std::uint64_t blank_starts = masks.newlines << 1U & masks.blanks;
    if ((masks.quotes | (masks.returns & ~before_newline) | blank_starts) != 0) break;
    const bool newline_last = (masks.newlines >> 63U) != 0;
    if (newline_last && static_cast<unsigned char>(behind_step) <= ' ') break;
    const std::uint64_t two_byte_ends = masks.newlines & (masks.returns << 1U | after_return);
    const std::int64_t next = rows * plain.width + column;
    if (next + fields_of_a_step > plain.room) break;
    const std::uint64_t ends = masks.commas | masks.newlines;

    std::int64_t whole = 0;   // lines that end in this step,
    std::int64_t behind = 0;  // and the fields up to the latest of these ends
    bool right_width = true;
    for (std::uint64_t rest = masks.newlines; rest != 0; rest &= rest - 1) {
      const std::int64_t up_to = __builtin_popcountll(ends & (rest ^ (rest - 1)));
      right_width = right_width && (whole == 0 ? column : 0) + up_to - behind == plain.width;
      behind = up_to;
      ++whole;
    }
    const std::int64_t now_at = (whole == 0 ? column : 0) + __builtin_popcountll(ends) - behind;
    if (!right_width || now_at >= plain.width) break;

    put_fields(plain.fields + next, ends, static_cast<std::uint32_t>(at - plain.text),
               static_cast<std::uint32_t>(begin - plain.text));
    for (std::uint64_t rest = two_byte_ends; rest != 0; rest &= rest - 1)
      --plain.fields[next + __builtin_popcountll(ends & (rest ^ (rest - 1))) - 1].size;
    column = now_at;
    rows += whole;
    after_return = masks.returns >> 63U;
    if (ends != 0) begin = at + (bytes_of_a_mask - __builtin_clzll(ends));
    if (whole > 0) place.record = at + (bytes_of_a_mask - __builtin_clzll(masks.newlines));
  }
  place.at = at;
  place.begin = begin;
  place.column = column;
  place.rows = rows;
}

}  // namespace
}  // namespace gradstep::csv
