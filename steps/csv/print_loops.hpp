// Numbers to texts by vectors: see print_common.hpp for what, number_lanes.hpp for the digits and
// for who may include this.
#pragma once

#include "steps/csv/number_lanes.hpp"
#include "steps/csv/print_common.hpp"

namespace gradstep::csv {
namespace {

// Of one text, and of one number's digits.
using Bytes [[gnu::vector_size(32), gnu::may_alias]] = std::uint8_t;
using UnalignedBytes [[gnu::vector_size(32), gnu::aligned(1), gnu::may_alias]] = std::uint8_t;
using Uint64sInMemory [[gnu::vector_size(register_bytes), gnu::may_alias]] = std::uint64_t;

// Of one number: first, next, last, layout.
struct alignas(32) DigitBytes {
  std::uint64_t words[4];
};

// How a text is made of digits: the bytes from `text` on as far as `before_point` says, the same
// one place further behind the point, and what is no digit.
struct alignas(32) Layout {
  std::uint8_t before_point[32];
  std::uint8_t behind_point[32];
  std::uint8_t others[32];
  std::uint32_t behind_point_bit;  // of the digit that the text has even if it is zero
  std::int32_t text;
};

constexpr Layout layout_of(int j, bool leading_zero, bool sign) {
  // The digits end at byte 24; j of them are behind the point. Before it is one at least.
  const int fraction = 24 - j;
  const int whole = leading_zero ? 8 : 7;
  const int start = whole < fraction ? whole : fraction - 1;
  const int before = sign ? 1 : 0;
  const int point = before + fraction - start;
  Layout layout{};
  for (int i = 0; i < 32; ++i) {
    layout.before_point[i] = i >= before && i < point ? 0xFF : 0;
    layout.behind_point[i] = i > point ? 0xFF : 0;
  }
  if (sign) layout.others[0] = '-';
  layout.others[point] = '.';
  layout.behind_point_bit = std::uint32_t{1} << static_cast<unsigned>(fraction);
  layout.text = start - before;
  return layout;
}

struct Layouts {
  Layout of[4 * number_of_powers];  // as Columns::layout counts them
};

constexpr Layouts all_layouts() {
  Layouts layouts{};
  for (int i = 0; i < 4 * number_of_powers; ++i)
    layouts.of[i] = layout_of(least_power + i / 4, i / 2 % 2 != 0, i % 2 != 0);
  return layouts;
}

constexpr Layouts layouts = all_layouts();

[[gnu::always_inline]] inline Bytes bytes_at(const std::uint8_t* from) {
  return *reinterpret_cast<const UnalignedBytes*>(from);
}

[[gnu::always_inline]] inline void store(const Columns& columns, DigitBytes* to) {
  auto* const out = reinterpret_cast<Uint64sInMemory*>(to);
#ifdef __AVX512F__
  const auto& [first, next, last, layout] = columns;
  const Uint64s front = __builtin_shufflevector(first, next, 0, 8, 1, 9, 2, 10, 3, 11);
  const Uint64s back = __builtin_shufflevector(last, layout, 0, 8, 1, 9, 2, 10, 3, 11);
  const Uint64s front_4 = __builtin_shufflevector(first, next, 4, 12, 5, 13, 6, 14, 7, 15);
  const Uint64s back_4 = __builtin_shufflevector(last, layout, 4, 12, 5, 13, 6, 14, 7, 15);
  out[0] = __builtin_shufflevector(front, back, 0, 1, 8, 9, 2, 3, 10, 11);
  out[1] = __builtin_shufflevector(front, back, 4, 5, 12, 13, 6, 7, 14, 15);
  out[2] = __builtin_shufflevector(front_4, back_4, 0, 1, 8, 9, 2, 3, 10, 11);
  out[3] = __builtin_shufflevector(front_4, back_4, 4, 5, 12, 13, 6, 7, 14, 15);
#else
  const Uint64s even = __builtin_shufflevector(columns.first, columns.next, 0, 4, 2, 6);
  const Uint64s odd = __builtin_shufflevector(columns.first, columns.next, 1, 5, 3, 7);
  const Uint64s even_back = __builtin_shufflevector(columns.last, columns.layout, 0, 4, 2, 6);
  const Uint64s odd_back = __builtin_shufflevector(columns.last, columns.layout, 1, 5, 3, 7);
  out[0] = __builtin_shufflevector(even, even_back, 0, 1, 4, 5);
  out[1] = __builtin_shufflevector(odd, odd_back, 0, 1, 4, 5);
  out[2] = __builtin_shufflevector(even, even_back, 2, 3, 6, 7);
  out[3] = __builtin_shufflevector(odd, odd_back, 2, 3, 6, 7);
#endif
}

// Finds the decimals of a register's numbers; returns a bit for each that is none of the common.
[[gnu::always_inline]] inline unsigned find_decimals(const double* from, const Integers& of,
                                                     Decimals& decimals) {
  const Numbers numbers = Lanes::load_part(from);
  const auto bits = reinterpret_cast<Uint64s>(numbers);
  const auto v = reinterpret_cast<Numbers>(bits & ~sign_bit);
  const auto common = reinterpret_cast<Uint64s>(v >= all(least_common)) &
                      reinterpret_cast<Uint64s>(v < all(beyond_common)) &
                      reinterpret_cast<Uint64s>((bits & fraction_bits) != 0);
  decimals = shortest_decimals(common ? numbers : all(1.5), of);
  return bits_of(~common);
}

[[gnu::always_inline]] inline void put_text(const DigitBytes* digits, NumberText* out) {
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(digits);
  const Layout& layout = layouts.of[digits->words[3]];
  const std::uint8_t* const text = bytes + layout.text;
  *reinterpret_cast<Bytes*>(out) = (bytes_at(text) & bytes_at(layout.before_point)) |
                                   (bytes_at(text - 1) & bytes_at(layout.behind_point)) |
                                   bytes_at(layout.others);

  const auto zeros = static_cast<std::uint32_t>(
      _mm256_movemask_epi8(reinterpret_cast<__m256i>(bytes_at(bytes) == '0')));
  const std::uint32_t used = (~zeros & 0xFFFFFFU) | layout.behind_point_bit;
  const int end = 32 - __builtin_clz(used);
  out->length = static_cast<std::uint8_t>(end - layout.text + 1);  // and the point
}

// In three loops, so that the CPU works on several registers at once: each loop is one long chain
// of operations that wait for each other.
std::uint64_t print_common(const double* numbers, std::int64_t count, NumberText* texts) {
  Decimals decimals[most_at_once / lanes];
  alignas(register_bytes) DigitBytes digits[most_at_once + 1];  // bytes behind a number's are read
  const Integers integers;
  std::uint64_t left_over = 0;
  for (std::int64_t i = 0; i < count; i += lanes) {
    const double* from = numbers + i;
    double rest[lanes] = {};
    if (count - i < lanes) {
      for (std::int64_t k = 0; k < count - i; ++k) rest[k] = from[k];
      from = rest;
    }
    left_over |= std::uint64_t{find_decimals(from, integers, decimals[i / lanes])} << i;
  }
  for (std::int64_t i = 0; i < count; i += lanes)
    store(digits_of(decimals[i / lanes], integers), digits + i);
  for (std::int64_t i = 0; i < count; ++i) put_text(digits + i, texts + i);
  return left_over & ~std::uint64_t{0} >> (most_at_once - count);
}

}  // namespace
}  // namespace gradstep::csv
