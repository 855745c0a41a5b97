#include "steps/csv/number_text.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "kernels/core/cpu.hpp"
#include "steps/csv/number_print.hpp"
#include "steps/csv/print_common.hpp"

namespace gradstep::csv {
namespace {

void print_one(double number, NumberText& text) {
  std::array<char, longest_number> room;  // more than a text has
  static_assert(sizeof(room) >= sizeof(text.bytes));
  const char* const end = print(room.data(), number);
  std::memcpy(text.bytes.data(), room.data(), text.bytes.size());
  text.length = static_cast<std::uint8_t>(end - room.data());
}

}  // namespace

void print_numbers(std::span<const double> numbers, std::span<NumberText> texts,
                   PrintCommon print_common) {
  constexpr auto most = static_cast<std::size_t>(most_at_once);
  for (std::size_t start = 0; start < numbers.size(); start += most) {
    const std::size_t count = std::min(most, numbers.size() - start);
    std::uint64_t left_over = print_common(numbers.data() + start, static_cast<std::int64_t>(count),
                                           texts.data() + start);
    for (; left_over != 0; left_over &= left_over - 1) {
      const std::size_t i = start + static_cast<std::size_t>(std::countr_zero(left_over));
      print_one(numbers[i], texts[i]);
    }
  }
}

void print_numbers(std::span<const double> numbers, std::span<NumberText> texts) {
  static const PrintCommon chosen =
      has_x86_64_v4() ? avx512_print_common() : baseline_print_common();
  print_numbers(numbers, texts, chosen);
}

}  // namespace gradstep::csv
