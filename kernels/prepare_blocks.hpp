#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace gradstep {

/// The pieces that dropna, minmax and prepare share: each works on a run of rows that stays in
/// cache. Internal to kernels/.
inline constexpr std::int64_t prepare_rows_per_block = 16'384;

/// Clears keep[i] where values[i] is NaN.
inline void clear_missing(const double* values, std::span<std::uint8_t> keep) {
  for (std::size_t i = 0; i < keep.size(); ++i)
    keep[i] = std::isnan(values[i]) ? std::uint8_t{0} : keep[i];
}

[[nodiscard]] inline std::int64_t count_kept(std::span<const std::uint8_t> keep) {
  return std::count_if(keep.begin(), keep.end(), [](std::uint8_t k) { return k != 0; });
}

/// The smallest and largest number seen so far; NaN never counts, infinities do.
struct Extremes {
  double lo = std::numeric_limits<double>::infinity();
  double hi = -std::numeric_limits<double>::infinity();

  void add(const Extremes& other) {
    lo = std::min(lo, other.lo);
    hi = std::max(hi, other.hi);
  }

  /// NaN when no number was seen: lo > hi happens in no other way.
  [[nodiscard]] double minimum() const { return lo > hi ? std::nan("") : lo; }
  [[nodiscard]] double maximum() const { return lo > hi ? std::nan("") : hi; }
};

/// The extremes of the kept values. Several lanes, so that the compiler can use vectors: min and
/// max do not round, their order does not matter.
[[nodiscard]] inline Extremes extremes_of(const double* values,
                                          std::span<const std::uint8_t> keep) {
  constexpr std::size_t lanes = 8;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  std::array<Extremes, lanes> lane;
  const auto widen = [&](Extremes& by, std::size_t i) {
    const double low = keep[i] != 0 ? values[i] : infinity;
    const double high = keep[i] != 0 ? values[i] : -infinity;
    by.lo = low < by.lo ? low : by.lo;  // false for NaN
    by.hi = high > by.hi ? high : by.hi;
  };
  const std::size_t full = keep.size() - keep.size() % lanes;
  for (std::size_t i = 0; i < full; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) widen(lane[k], i + k);
  for (std::size_t i = full; i < keep.size(); ++i) widen(lane[0], i);
  for (std::size_t k = 1; k < lanes; ++k) lane[0].add(lane[k]);
  return lane[0];
}

/// Moves the kept cells to the front, in order, each through `change`; returns how many.
/// Cost: one read of all cells, one write of the kept ones.
template <class Cell, class Change>
std::int64_t compact(Cell* cells, std::span<const std::uint8_t> keep, const Change& change) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    cells[kept] = change(cells[i]);  // overwritten by the next cell when this one is dropped
    kept += static_cast<std::size_t>(keep[i] != 0);
  }
  return static_cast<std::int64_t>(kept);
}

}  // namespace gradstep
