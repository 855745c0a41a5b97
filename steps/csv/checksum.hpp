#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace gradstep::csv {

/// Tells a text from what it was before it changed: sums of its eight-byte words and of these sums,
/// four of each. A change of one byte always shows, another one but for a chance of 2^-64.
/// Not for texts that are made to have the same sums.
/// Source: J. G. Fletcher, "An arithmetic checksum for serial transmissions", 1982.
[[nodiscard]] inline std::uint64_t checksum(std::span<const char> text) {
  constexpr std::size_t lanes = 4;
  using Words = std::array<std::uint64_t, lanes>;
  Words sums{};
  Words sums_of_sums{};
  const auto add = [&](const Words& words) {
    for (std::size_t i = 0; i < lanes; ++i) {
      sums[i] += words[i];
      sums_of_sums[i] += sums[i];
    }
  };
  Words words{};
  for (; text.size() >= sizeof(Words); text = text.subspan(sizeof(Words))) {
    std::memcpy(words.data(), text.data(), sizeof(Words));
    add(words);
  }
  words = {};
  std::memcpy(words.data(), text.data(), text.size());
  add(words);
  std::uint64_t hash = text.size();
  for (std::size_t i = 0; i < lanes; ++i) {
    hash = (hash ^ sums[i]) * 0x9E3779B97F4A7C15U;
    hash = (hash ^ hash >> 32U ^ sums_of_sums[i]) * 0x9E3779B97F4A7C15U;
  }
  return hash;
}

}  // namespace gradstep::csv
