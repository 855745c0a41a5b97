#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace gradstep {

/// A run of consecutive rows of X, by columns; exactly one of the two spans is not empty.
struct RowBlock {
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  std::span<const double* const> float64;  ///< length d: row first_row + i of column c is [c][i]
  std::span<const float* const> float32;   ///< the same for X stored as float32

  /// Copies rows [first, first + count) of the block to `out` as doubles, column-major: d columns
  /// of `stride` numbers, zeros after the first `count`.
  void copy_tile(std::int64_t first, std::int64_t count, std::int64_t stride, double* out) const;
};

/// Where the solvers' rows come from: blocks of a fixed number of rows in a fixed order, so that
/// sums over them have the same bits however many threads run and wherever the rows are kept.
class RowBlocks {
 public:
  using Work = std::function<void(const RowBlock& block, int worker)>;
  using Commit = std::function<void(std::int64_t index, int worker)>;

  /// Every block but the last has this many rows; block i starts at row i * rows_per_block.
  static constexpr std::int64_t rows_per_block = 16'384;

  virtual ~RowBlocks() = default;
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  [[nodiscard]] virtual std::int64_t cols() const = 0;
  /// Which of the two kinds of columns the blocks have.
  [[nodiscard]] virtual bool float32() const = 0;

  /// `threads`, but no more than there are blocks, and at least 1.
  [[nodiscard]] int useful_workers(int threads) const;

  /// Reads every row once: `work` on each block in parallel, `commit` for each in order
  /// (kernels/core/parallel.hpp says what is promised).
  virtual void for_each(int workers, const Work& work, const Commit& commit) const = 0;
};

/// X in memory, one array a column, float64 or float32. Keeps the pointers, not the values.
template <class T>
class ColumnsInMemory : public RowBlocks {
 public:
  ColumnsInMemory(std::vector<const T*> columns, std::int64_t rows)
      : columns_(std::move(columns)), rows_(rows) {}

  [[nodiscard]] std::int64_t rows() const override { return rows_; }
  [[nodiscard]] std::int64_t cols() const override { return std::ssize(columns_); }
  [[nodiscard]] bool float32() const override { return std::is_same_v<T, float>; }
  void for_each(int workers, const Work& work, const Commit& commit) const override;

 private:
  std::vector<const T*> columns_;
  std::int64_t rows_;
};

}  // namespace gradstep
