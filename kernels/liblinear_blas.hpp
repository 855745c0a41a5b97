#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include "kernels/liblinear.hpp"

namespace gradstep {

/// OpenBLAS 0.3.30's dot, axpy and nrm2, with its order of additions. Internal to kernels/.
/// Lengths are small here (features + 1), so lanes are plain arrays.
class LiblinearBlas {
 public:
  explicit LiblinearBlas(BlasKernel kernel) : wide_(kernel == BlasKernel::skylakex) {}

  /// Blocks of 16 (skylakex: of 32, then 16) in parallel lanes, the lanes added, then the rest one
  /// by one.
  [[nodiscard]] double dot(std::span<const double> x, std::span<const double> y) const {
    const std::size_t n = x.size();
    const std::size_t blocks = n - n % 16;
    double total = blocks > 0 ? dot_of_blocks(x.first(blocks), y.first(blocks)) : 0.0;
    for (std::size_t k = blocks; k < n; ++k)
      total = wide_ ? std::fma(y[k], x[k], total) : total + y[k] * x[k];
    return total;
  }

  /// y = a x + y: fused, but for the last n % 16 entries on haswell.
  void axpy(double a, std::span<const double> x, std::span<double> y) const {
    const std::size_t fused = wide_ ? x.size() : x.size() - x.size() % 16;
    for (std::size_t k = 0; k < fused; ++k) y[k] = std::fma(a, x[k], y[k]);
    for (std::size_t k = fused; k < x.size(); ++k) y[k] = y[k] + a * x[k];
  }

  /// The root of the sum of squares in 80-bit registers: four sums, eight entries a turn, the rest
  /// to the first.
  [[nodiscard]] static double nrm2(std::span<const double> x) {
    std::array<long double, 4> sums{};
    const std::size_t turns = x.size() - x.size() % 8;
    for (std::size_t k = 0; k < x.size(); ++k) {
      const long double value = x[k];
      sums[k < turns ? k % 4 : 0] += value * value;
    }
    return static_cast<double>(std::sqrt((sums[0] + sums[2]) + (sums[1] + sums[3])));
  }

 private:
  using Four = std::array<double, 4>;

  [[nodiscard]] double dot_of_blocks(std::span<const double> x, std::span<const double> y) const {
    std::array<Four, 4> lanes{};  // four registers of four lanes
    std::size_t i = 0;
    if (wide_) {
      std::array<std::array<double, 8>, 4> eights{};
      for (; i + 32 <= x.size(); i += 32)
        for (std::size_t k = 0; k < 4; ++k)
          for (std::size_t j = 0; j < 8; ++j)
            eights[k][j] = std::fma(x[i + 8 * k + j], y[i + 8 * k + j], eights[k][j]);
      for (std::size_t k = 0; k < 4; ++k)
        for (std::size_t j = 0; j < 4; ++j) lanes[k][j] = eights[k][j] + eights[k][j + 4];
    }
    for (; i < x.size(); i += 16)
      for (std::size_t k = 0; k < 4; ++k)
        for (std::size_t j = 0; j < 4; ++j)
          lanes[k][j] = std::fma(x[i + 4 * k + j], y[i + 4 * k + j], lanes[k][j]);
    return wide_ ? add_across(lanes) : add_within(lanes);
  }

  // skylakex: the registers first, then the lanes.
  [[nodiscard]] static double add_across(const std::array<Four, 4>& lanes) {
    Four s{};
    for (std::size_t j = 0; j < 4; ++j)
      s[j] = ((lanes[0][j] + lanes[1][j]) + lanes[2][j]) + lanes[3][j];
    return (s[0] + s[2]) + (s[1] + s[3]);
  }

  // haswell: half of each register first.
  [[nodiscard]] static double add_within(const std::array<Four, 4>& lanes) {
    const auto low = [&](std::size_t k) { return lanes[k][0] + lanes[k][2]; };
    const auto high = [&](std::size_t k) { return lanes[k][1] + lanes[k][3]; };
    return ((low(0) + low(1)) + (low(2) + low(3))) + ((high(0) + high(1)) + (high(2) + high(3)));
  }

  bool wide_;
};

}  // namespace gradstep
