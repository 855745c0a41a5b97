#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <utility>

namespace gradstep {

/// numpy's RandomState(seed), as far as scikit-learn splits rows with it.
/// Source: numpy 2.4, `numpy.random.RandomState` (legacy seeding is init_genrand, as
/// std::mt19937's).
class RandomState {
 public:
  explicit RandomState(std::uint32_t seed) : generator_(seed) {}

  /// Shuffles at most 2^32 values; as `RandomState.shuffle`. Two draws a value, about 20 ns.
  template <class T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i-- > 1;)
      std::swap(values[i], values[draw(static_cast<std::uint32_t>(i))]);
  }

 private:
  /// An even draw from 0 ... most: draws below a power of two until one fits.
  std::uint32_t draw(std::uint32_t most) {
    const std::uint32_t mask = ~std::uint32_t{0} >> std::countl_zero(most);
    while (true) {
      const auto drawn = static_cast<std::uint32_t>(generator_()) & mask;
      if (drawn <= most) return drawn;
    }
  }

  std::mt19937 generator_;
};

}  // namespace gradstep
