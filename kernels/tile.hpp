#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>

#include "kernels/row_blocks.hpp"

namespace gradstep {

/// A few hundred rows of A = [X 1], small enough to stay in cache while they are used several
/// times. Internal to kernels/*.cpp: the public headers know nothing of Eigen.
class Tile {
 public:
  explicit Tile(std::int64_t features)
      : columns_(features + 1),
        capacity_(
            std::clamp(doubles_in_cache / columns_ / 8 * 8, std::int64_t{64}, std::int64_t{1024})),
        values_(columns_ * capacity_) {}

  [[nodiscard]] std::int64_t capacity() const { return capacity_; }

  /// Copies rows [first, first + count) of the block; count is at most capacity().
  void load(const RowBlock& block, std::int64_t first, std::int64_t count) {
    block.copy_tile(first, count, values_.data());
    rows_ = count;
    values_.segment((columns_ - 1) * count, count).setOnes();
  }

  /// count rows by d + 1 columns, the last all 1.
  [[nodiscard]] Eigen::Map<Eigen::MatrixXd> a() { return {values_.data(), rows_, columns_}; }

  /// Calls visit(first, count) for the tiles that make up `rows` rows.
  template <class Visit>
  void for_each(std::int64_t rows, const Visit& visit) const {
    for (std::int64_t first = 0; first < rows; first += capacity_)
      visit(first, std::min(capacity_, rows - first));
  }

 private:
  static constexpr std::int64_t doubles_in_cache = 8192;  // 64 KiB: half of a small L2
  std::int64_t columns_;
  std::int64_t capacity_;
  std::int64_t rows_ = 0;
  Eigen::VectorXd values_;
};

}  // namespace gradstep
