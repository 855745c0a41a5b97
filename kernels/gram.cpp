#include "kernels/gram.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/tile.hpp"
#include "kernels/tile_sums.hpp"

namespace gradstep {
namespace {

using Eigen::MatrixXd;

struct Scratch {
  Tile tile;
  AlignedDoubles picked;               // the rows of one fold, packed, weighted
  std::vector<const double*> columns;  // of picked
  std::vector<std::int64_t> rows_in;   // which rows of the tile they are
  std::vector<double> factors;         // the roots of their weights; none: all 1
  std::vector<MatrixXd> sums;          // one a fold; lower triangles
};

class FoldSums {
 public:
  FoldSums(std::span<const std::int32_t> fold_of_row, std::span<const double> row_weight,
           std::span<const int> folds)
      : fold_of_row_(fold_of_row), row_weight_(row_weight), folds_(folds) {}

  // Rows of one fold are scattered over the block: they are packed first, so that the product
  // runs at full speed and costs nothing for the rows of other folds.
  void add_block(const RowBlock& block, Scratch& scratch) const {
    for (MatrixXd& sum : scratch.sums) sum.setZero();
    scratch.tile.for_each(block.rows, [&](std::int64_t first, std::int64_t count) {
      scratch.tile.load(block, first, count);
      for (std::size_t slot = 0; slot <= folds_.size(); ++slot)
        add_rows_of(slot, block.first_row + first, count, scratch);
    });
  }

 private:
  [[nodiscard]] bool belongs(std::int64_t row, std::size_t slot) const {
    const int fold = fold_of_row_.empty() ? 0 : fold_of_row_[static_cast<std::size_t>(row)];
    if (slot < folds_.size()) return fold == folds_[slot];
    return fold >= 0 && std::find(folds_.begin(), folds_.end(), fold) == folds_.end();
  }

  void add_rows_of(std::size_t slot, std::int64_t first_row, std::int64_t count,
                   Scratch& scratch) const {
    scratch.rows_in.clear();
    for (std::int64_t i = 0; i < count; ++i)
      if (belongs(first_row + i, slot)) scratch.rows_in.push_back(i);
    if (scratch.rows_in.empty()) return;
    const std::int64_t rows = (std::ssize(scratch.rows_in) + 7) / 8 * 8;
    look_up_factors(first_row, scratch);
    double* out = scratch.picked.data();
    for (std::size_t c = 0; c < scratch.columns.size(); ++c, out += rows) {
      scratch.columns[c] = out;
      pick(scratch.tile.columns()[c], count, scratch, out);
      std::fill(out + std::ssize(scratch.rows_in), out + rows, 0.0);
    }
    MatrixXd& sum = scratch.sums[slot];
    tile_sums().add_gram(scratch.columns.data(), sum.rows(), rows, sum.data());
  }

  void look_up_factors(std::int64_t first_row, Scratch& scratch) const {
    scratch.factors.clear();
    if (row_weight_.empty()) return;
    for (const std::int64_t row : scratch.rows_in)
      scratch.factors.push_back(std::sqrt(row_weight_[static_cast<std::size_t>(first_row + row)]));
  }

  // `count`: the rows of the column, which are often all picked.
  static void pick(const double* column, std::int64_t count, const Scratch& scratch, double* out) {
    if (std::ssize(scratch.rows_in) == count)
      std::copy_n(column, count, out);
    else
      std::transform(scratch.rows_in.begin(), scratch.rows_in.end(), out,
                     [column](std::int64_t row) { return column[row]; });
    std::transform(scratch.factors.begin(), scratch.factors.end(), out, out, std::multiplies<>());
  }

  std::span<const std::int32_t> fold_of_row_;
  std::span<const double> row_weight_;
  std::span<const int> folds_;
};

void gram_by_fold_cpu(const RowBlocks& rows, const FoldSums& fold_sums, std::span<double> sums,
                      std::int64_t matrices, int threads) {
  const std::int64_t size = rows.cols() + 1;
  const Tile tile(rows.cols());
  const Scratch blank{tile,
                      AlignedDoubles(tile.capacity() * size),
                      std::vector<const double*>(static_cast<std::size_t>(size)),
                      {},
                      {},
                      {static_cast<std::size_t>(matrices), MatrixXd(size, size)}};
  const int workers = rows.useful_workers(threads);
  std::vector<Scratch> scratch(static_cast<std::size_t>(workers), blank);
  Eigen::Map<MatrixXd> total(sums.data(), size, size * matrices);
  total.setZero();
  rows.for_each(
      workers,
      [&](const RowBlock& block, int worker) {
        fold_sums.add_block(block, scratch[static_cast<std::size_t>(worker)]);
      },
      [&](std::int64_t, int worker) {
        for (std::int64_t m = 0; m < matrices; ++m)
          total.middleCols(m * size, size) +=
              scratch[static_cast<std::size_t>(worker)].sums[static_cast<std::size_t>(m)];
      });
  for (std::int64_t m = 0; m < matrices; ++m) {
    auto matrix = total.middleCols(m * size, size);
    matrix.triangularView<Eigen::StrictlyUpper>() = matrix.transpose();
  }
}

}  // namespace

void gram_by_fold(const RowBlocks& rows, std::span<const std::int32_t> fold_of_row,
                  std::span<const double> row_weight, std::span<const int> folds,
                  std::span<double> sums, int threads, Backend backend,
                  std::int64_t device_memory) {
  const std::int64_t matrices = std::ssize(folds) + 1;
  expects(fold_of_row.empty() || std::ssize(fold_of_row) == rows.rows(),
          "gram_by_fold: one fold per row");
  expects(row_weight.empty() || std::ssize(row_weight) == rows.rows(),
          "gram_by_fold: one weight per row");
  expects(std::ssize(sums) == matrices * (rows.cols() + 1) * (rows.cols() + 1),
          "gram_by_fold: room for one matrix per fold and one for the rest");
  expect_available(backend, "gram_by_fold");
  if (backend == Backend::cuda)
    return cuda::gram_by_fold(rows, fold_of_row, row_weight, folds, sums, device_memory);
  gram_by_fold_cpu(rows, {fold_of_row, row_weight, folds}, sums, matrices, threads);
}

}  // namespace gradstep
