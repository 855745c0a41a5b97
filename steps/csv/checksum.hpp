#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace gradstep::csv {

/// Tells a text from what it was before it changed: sums of its eight-byte words and of these sums,
/// four of each. A change of one byte always shows, another one but for a chance of 2^-64.
/// Not for texts that are made to have the same sums.
/// Source: J. G. Fletcher, "An arithmetic checksum for serial transmissions", 1982.
[[nodiscard]] inline std::uint64_t checksum(std::span<const char> text) {
  using Words [[gnu::vector_size(32)]] = std::uint64_t;
  Words words{};
  Words sums{};
  Words sums_of_sums{};
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= sizeof(Words); left -= sizeof(Words), at += sizeof(Words)) {
    std::memcpy(&words, at, sizeof(Words));
    sums += words;
    sums_of_sums += sums;
  }
  words = Words{};
  if (left > 0) std::memcpy(&words, at, left);
  sums += words;
  sums_of_sums += sums;
  constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15U;
  std::uint64_t hash = text.size();
  for (int i = 0; i < 4; ++i) {
    hash = (hash ^ sums[i]) * golden_ratio;
    hash = (hash ^ hash >> 32U ^ sums_of_sums[i]) * golden_ratio;
  }
  return hash;
}

}  // namespace gradstep::csv
