#include "kernels/row_sample.hpp"

#include <algorithm>
#include <limits>

#include "kernels/row_blocks.hpp"

namespace gradstep {
namespace {

std::int64_t count_training_rows(const LogisticProblem& problem) {
  if (problem.fold_of_row.empty()) return problem.rows->rows();
  return std::count_if(problem.fold_of_row.begin(), problem.fold_of_row.end(),
                       [](std::int32_t fold) { return fold >= 0; });
}

// Rows `picked` of each column to place `first` of each column of `values`.
template <class T>
void copy_rows(std::span<const T* const> columns, const std::vector<std::int64_t>& picked,
               std::int64_t first, std::int64_t rows, T* values) {
  for (const T* column : columns) {
    std::transform(picked.begin(), picked.end(), values + first,
                   [column](std::int64_t row) { return column[row]; });
    values += rows;
  }
}

template <class T>
std::unique_ptr<RowBlocks> columns_of(const T* values, std::int64_t rows, std::int64_t cols) {
  std::vector<const T*> columns;
  columns.reserve(static_cast<std::size_t>(cols));
  for (std::int64_t c = 0; c < cols; ++c) columns.push_back(values + c * rows);
  return std::make_unique<ColumnsInMemory<T>>(std::move(columns), rows);
}

}  // namespace

template <class Visit>
void RowSample::for_each_row(std::int64_t first_row, std::int64_t rows, const Visit& visit) const {
  static_assert(RowBlocks::rows_per_block % (run * one_run_in) == 0, "runs do not cross blocks");
  for (std::int64_t start = 0; start < rows; start += run * one_run_in)
    for (std::int64_t row = start; row < std::min(start + run, rows); ++row)
      if (whole_.fold_of_row.empty() ||
          whole_.fold_of_row[static_cast<std::size_t>(first_row + row)] >= 0)
        visit(row);
}

RowSample::RowSample(const LogisticProblem& problem)
    : whole_(problem), rows_of_all_(count_training_rows(problem)), first_of_block_{0} {
  const std::int64_t n = problem.rows->rows();
  constexpr std::int64_t block = RowBlocks::rows_per_block;
  first_of_block_.reserve(static_cast<std::size_t>(n / block + 2));
  for (std::int64_t first = 0; first < n; first += block) {
    std::int64_t end = first_of_block_.back();
    for_each_row(first, std::min(block, n - first), [&end](std::int64_t) { ++end; });
    first_of_block_.push_back(end);
  }
}

void RowSample::gather(int threads) {
  const std::int64_t cols = whole_.rows->cols();
  const auto size = static_cast<std::size_t>(rows() * cols);
  if (whole_.rows->float32())
    values32_ = std::make_unique_for_overwrite<float[]>(size);
  else
    values64_ = std::make_unique_for_overwrite<double[]>(size);
  std::vector<std::vector<std::int64_t>> picked_by(
      static_cast<std::size_t>(whole_.rows->useful_workers(threads)));
  whole_.rows->for_each(
      threads,
      [&](const RowBlock& block, int worker) {
        std::vector<std::int64_t>& picked = picked_by[static_cast<std::size_t>(worker)];
        picked.clear();
        for_each_row(block.first_row, block.rows,
                     [&picked](std::int64_t row) { picked.push_back(row); });
        const std::int64_t first =
            first_of_block_[static_cast<std::size_t>(block.first_row / RowBlocks::rows_per_block)];
        copy_rows(block.float64, picked, first, rows(), values64_.get());
        copy_rows(block.float32, picked, first, rows(), values32_.get());
      },
      [](std::int64_t, int) {});
  rows_ = whole_.rows->float32() ? columns_of(values32_.get(), rows(), cols)
                                 : columns_of(values64_.get(), rows(), cols);

  const auto pick = [this](const auto& of_whole, auto& own) {
    if (of_whole.empty()) return;
    own.reserve(static_cast<std::size_t>(rows()));
    for_each_row(0, whole_.rows->rows(),
                 [&](std::int64_t row) { own.push_back(of_whole[static_cast<std::size_t>(row)]); });
  };
  pick(whole_.class_of_row, class_of_row_);
  pick(whole_.fold_of_row, fold_of_row_);
  pick(whole_.row_weight, row_weight_);
}

LogisticProblem RowSample::problem(const std::vector<double>& shares) {
  models_.assign(whole_.models.begin(), whole_.models.end());
  for (std::size_t k = 0; k < shares.size(); ++k)  // reg may not become 0
    models_[k].reg = std::max(models_[k].reg * shares[k], std::numeric_limits<double>::min());
  return {rows_.get(), class_of_row_, fold_of_row_,
          row_weight_, models_,       whole_.penalize_intercept};
}

}  // namespace gradstep
