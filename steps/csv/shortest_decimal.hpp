#pragma once

#include <cstdint>

namespace gradstep::csv {

/// digits * 10^exponent. The digits may end in zeros.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

/// Of the decimals that read back as `value` the shortest, and of those the nearest to it: what
/// Python's repr and std::to_chars print. A normal number's has 16 or 17 digits, zeros at the end
/// counted.
/// @param value  positive and finite
/// Cost: two multiplications of 64 bits by 64, no loop, hardly a branch.
/// Source: R. Giulietti, "The Schubfach way to render doubles", 2021; tested against std::to_chars.
[[nodiscard]] Decimal shortest_decimal(double value);

}  // namespace gradstep::csv
