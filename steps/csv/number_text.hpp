#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace gradstep::csv {

/// A number's text. A NaN has none; the longest, "-2.2250738585072014e-308", has 24 bytes.
struct alignas(32) NumberText {
  std::array<char, 31> bytes;  ///< behind the length anything
  std::uint8_t length;

  [[nodiscard]] std::string_view view() const { return {bytes.data(), length}; }
};

/// Writes the text of each number, as csv::print does.
/// @param texts  out, as many as numbers
void print_numbers(std::span<const double> numbers, std::span<NumberText> texts);

}  // namespace gradstep::csv
