#include "kernels/row_blocks.hpp"

#include <algorithm>

#include "kernels/core/parallel.hpp"

namespace gradstep {
namespace {

template <class T>
void copy_columns(std::span<const T* const> columns, std::int64_t first, std::int64_t count,
                  std::int64_t stride, double* out) {
  for (const T* column : columns)
    out = std::fill_n(std::copy_n(column + first, count, out), stride - count, 0.0);
}

RowBlock block_of(std::int64_t first, std::int64_t rows, std::span<const double* const> columns) {
  return {first, rows, columns, {}};
}

RowBlock block_of(std::int64_t first, std::int64_t rows, std::span<const float* const> columns) {
  return {first, rows, {}, columns};
}

}  // namespace

void RowBlock::copy_tile(std::int64_t first, std::int64_t count, std::int64_t stride,
                         double* out) const {
  copy_columns(float64, first, count, stride, out);
  copy_columns(float32, first, count, stride, out);
}

int RowBlocks::useful_workers(int threads) const {
  const std::int64_t blocks = (rows() + rows_per_block - 1) / rows_per_block;
  return static_cast<int>(std::clamp<std::int64_t>(threads, 1, std::max<std::int64_t>(blocks, 1)));
}

template <class T>
void ColumnsInMemory<T>::for_each(int workers, const Work& work, const Commit& commit) const {
  const auto threads = static_cast<std::size_t>(useful_workers(workers));
  std::vector<std::vector<const T*>> views(threads, std::vector<const T*>(columns_.size()));
  for_each_in_order((rows_ + rows_per_block - 1) / rows_per_block, workers,
                    [&](std::int64_t index, int worker) {
                      const std::int64_t first = index * rows_per_block;
                      std::vector<const T*>& view = views[static_cast<std::size_t>(worker)];
                      std::transform(columns_.begin(), columns_.end(), view.begin(),
                                     [first](const T* column) { return column + first; });
                      work(block_of(first, std::min(rows_per_block, rows_ - first), view), worker);
                    },
                    commit);
}

template class ColumnsInMemory<double>;
template class ColumnsInMemory<float>;

}  // namespace gradstep
