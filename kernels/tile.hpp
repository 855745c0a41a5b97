#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "kernels/row_blocks.hpp"

namespace gradstep {

/// Memory that starts at a cache line.
template <class T>
struct CacheLines {
  using value_type = T;  // NOLINT(readability-identifier-naming)
  static constexpr std::align_val_t line{64};

  T* allocate(std::size_t count) { return static_cast<T*>(operator new(count * sizeof(T), line)); }
  void deallocate(T* values, std::size_t) { operator delete(values, line); }
  bool operator==(const CacheLines&) const = default;
};

/// Doubles that start at a cache line: the widest loads then touch one line, not two. Internal to
/// kernels/*.cpp.
class AlignedDoubles {
 public:
  explicit AlignedDoubles(std::int64_t count) : values_(static_cast<std::size_t>(count)) {}
  [[nodiscard]] double* data() { return values_.data(); }
  [[nodiscard]] const double* data() const { return values_.data(); }

 private:
  std::vector<double, CacheLines<double>> values_;
};

/// A few hundred rows of A = [X 1], few enough to stay in cache while they are used several times:
/// where they lie, if that can be, else a copy. Internal to kernels/*.cpp.
class Tile {
 public:
  explicit Tile(std::int64_t features)
      : capacity_(std::clamp(doubles_in_cache / (features + 1) / 8 * 8, std::int64_t{64},
                             std::int64_t{256})),
        values_((features + 1) * capacity_),
        ones_(static_cast<std::size_t>(capacity_), 1.0),
        columns_(static_cast<std::size_t>(features + 1)) {}

  [[nodiscard]] std::int64_t capacity() const { return capacity_; }

  /// Takes rows [first, first + count) of the block, which must stay where it is; count is at most
  /// capacity(). Columns of doubles are not copied if count is a multiple of 8.
  void load(const RowBlock& block, std::int64_t first, std::int64_t count) {
    rows_ = (count + 7) / 8 * 8;
    const std::size_t features = columns_.size() - 1;
    if (rows_ == count && block.float32.empty()) {
      std::transform(block.float64.begin(), block.float64.end(), columns_.begin(),
                     [first](const double* column) { return column + first; });
      columns_[features] = ones_.data();
      return;
    }
    double* out = values_.data();
    block.copy_tile(first, count, rows_, out);
    for (const double*& column : columns_) {
      column = out;
      out += rows_;
    }
    out -= rows_;
    std::fill_n(std::fill_n(out, count, 1.0), rows_ - count, 0.0);
  }

  /// The rows taken, filled up with zeros to a multiple of 8.
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// d + 1 columns of rows() numbers, the last all 1.
  [[nodiscard]] const double* const* columns() const { return columns_.data(); }

  /// Calls visit(first, count) for the tiles that make up `rows` rows: the last rows that are no
  /// multiple of 8 are a tile of their own.
  template <class Visit>
  void for_each(std::int64_t rows, const Visit& visit) const {
    const std::int64_t even = rows / 8 * 8;
    for (std::int64_t first = 0; first < even; first += capacity_)
      visit(first, std::min(capacity_, even - first));
    if (even < rows) visit(even, rows - even);
  }

 private:
  static constexpr std::int64_t doubles_in_cache = 65'536;  // 512 KiB: half of a small L2
  std::int64_t capacity_;
  std::int64_t rows_ = 0;
  AlignedDoubles values_;
  std::vector<double> ones_;
  std::vector<const double*> columns_;
};

}  // namespace gradstep
