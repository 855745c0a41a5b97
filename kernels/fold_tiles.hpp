#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/fold_slots.hpp"
#include "kernels/solver.hpp"
#include "kernels/tile.hpp"

namespace gradstep {

/// Some rows of A = [X 1], all of one slot.
class FoldTile {
 public:
  static constexpr std::int64_t capacity = 192;

  explicit FoldTile(std::int64_t features)
      : values_((features + 1) * stride),
        weight_(capacity),
        row_(static_cast<std::size_t>(capacity)),
        columns_(static_cast<std::size_t>(features + 1)) {}

  /// d + 1 columns of filled_rows() numbers, the last all 1.
  [[nodiscard]] const double* const* columns() const { return columns_.data(); }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// rows(), filled up with zeros to a multiple of 8.
  [[nodiscard]] std::int64_t filled_rows() const { return (rows_ + 7) / 8 * 8; }
  [[nodiscard]] const double* weight() const { return weight_.data(); }
  /// Which rows of the problem they are, in rising order.
  [[nodiscard]] std::span<const std::int64_t> row() const {
    return std::span(row_).first(static_cast<std::size_t>(rows_));
  }
  /// +1 or -1 for each row, and 0 for those that fill up.
  void look_up_signs(const LogisticProblem& problem, int positive_class, double* signs) const;

 private:
  friend class FoldTiles;

  // Columns that start 2^k bytes apart would share a few lines of the first cache.
  static constexpr std::int64_t stride = capacity + 8;

  void fill_up(const LogisticProblem& problem);

  std::int64_t rows_ = 0;
  AlignedDoubles values_;
  AlignedDoubles weight_;
  std::vector<std::int64_t> row_;
  std::vector<const double*> columns_;
};

/// Gathers rows by slot, a tile at a time: the rows of a fold are scattered over the file, and
/// those that do not count for a model need not be computed with. Internal to kernels/*.cpp.
class FoldTiles {
 public:
  FoldTiles(std::int64_t features, std::size_t slots)
      : tiles_(slots, FoldTile(features)), destinations_(static_cast<std::size_t>(rows_at_once)) {}

  /// Calls visit(slot, tile) until all rows of the block that count are through, once each. Rows
  /// with a weight of 0 do not count.
  /// Cost: one read of the block and one write of what counts.
  template <class Visit>
  void for_each(const RowBlock& block, const LogisticProblem& problem, const FoldSlots& slots,
                const Visit& visit) {
    for (std::int64_t first = 0; first < block.rows; first += rows_at_once) {
      take_rows(block, first, std::min(rows_at_once, block.rows - first), problem, slots);
      visit_tiles_of(FoldTile::capacity - rows_at_once + 1, problem, visit);
    }
    visit_tiles_of(1, problem, visit);
  }

 private:
  static constexpr std::int64_t rows_at_once = 64;

  /// Where a row goes.
  struct Destination {
    double* out;
    std::int64_t row;  ///< of the block
  };

  void take_rows(const RowBlock& block, std::int64_t first, std::int64_t count,
                 const LogisticProblem& problem, const FoldSlots& slots);

  template <class Visit>
  void visit_tiles_of(std::int64_t rows, const LogisticProblem& problem, const Visit& visit) {
    for (std::size_t slot = 0; slot < tiles_.size(); ++slot) {
      FoldTile& tile = tiles_[slot];
      if (tile.rows_ < rows) continue;
      tile.fill_up(problem);
      visit(slot, tile);
      tile.rows_ = 0;
    }
  }

  std::vector<FoldTile> tiles_;            ///< one a slot
  std::vector<Destination> destinations_;  ///< of the rows at hand that count
};

}  // namespace gradstep
