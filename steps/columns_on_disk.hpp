#pragma once

#include <cstdint>
#include <vector>

#include "kernels/row_blocks.hpp"
#include "steps/csv/cells.hpp"

namespace gradstep {

/// X in temporary files, one a column, as float64. A block's memory is asked for ahead of its turn
/// and given back after it, but for the first rows, which stay as long as this object.
class ColumnsOnDisk : public RowBlocks {
 public:
  /// @param columns         d columns of as many cells each; they must outlive this
  /// @param resident_bytes  what may stay in memory between two reads of X
  ColumnsOnDisk(std::vector<const csv::Cells*> columns, std::int64_t rows,
                std::int64_t resident_bytes);
  ColumnsOnDisk(const ColumnsOnDisk&) = delete;
  ColumnsOnDisk& operator=(const ColumnsOnDisk&) = delete;
  ~ColumnsOnDisk() override;

  [[nodiscard]] std::int64_t rows() const override { return mapped_.rows(); }
  [[nodiscard]] std::int64_t cols() const override { return mapped_.cols(); }
  [[nodiscard]] bool float32() const override { return false; }
  void for_each(int workers, const Work& work, const Commit& commit) const override;

  /// How many rows, the first ones, stay in memory.
  [[nodiscard]] std::int64_t resident_rows() const { return resident_rows_; }

 private:
  std::vector<const csv::Cells*> columns_;
  ColumnsInMemory<double> mapped_;
  std::int64_t resident_rows_;
};

}  // namespace gradstep
