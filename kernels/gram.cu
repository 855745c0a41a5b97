#include "kernels/gram.cuh"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/stream.cuh"
#include "kernels/gram.hpp"

namespace gradstep::cuda {
namespace {

constexpr std::int64_t columns_of_a_block = 32;

// Packed rows are sqrt(weight) [x 1]. A block has 256 rows and 32 of the d+1 columns, a thread one
// row of them: neighbours read neighbours, and write them unless `place` parts them.
// Traffic: each element of X is read once, 8 B written; 8 B and 4 B a row and block.
template <class T>
__global__ void __launch_bounds__(threads_per_block)
    pack_kernel(Slab<T> slab, std::int64_t first, std::int64_t count, const double* weight,
                const std::int32_t* place, double* packed, std::int64_t stride) {
  const std::int64_t blocks_of_rows = pieces(count, threads_per_block);
  const std::int64_t i = blockIdx.x % blocks_of_rows * threads_per_block + threadIdx.x;
  if (i >= count) return;
  const std::int64_t to = place == nullptr ? i : place[i];
  if (to < 0) return;
  const double root = weight == nullptr ? 1.0 : sqrt(weight[i]);
  const std::int64_t begin = blockIdx.x / blocks_of_rows * columns_of_a_block;
  const std::int64_t end = min(begin + columns_of_a_block, slab.columns + 1);
  for (std::int64_t c = begin; c < end; ++c) {
    const double x = c < slab.columns ? slab.x[c * slab.stride + first + i] : T{1};
    packed[c * stride + to] = root * x;
  }
}

std::int64_t packed_rows(std::int64_t rows, std::int64_t columns) {
  return std::min(rows, rows_of_a_piece(columns));
}

}  // namespace

std::int64_t PackedGram::bytes(std::int64_t rows, std::int64_t columns) {
  return Cublas::workspace_bytes + 8 * packed_rows(rows, columns) * (columns + 2);
}

PackedGram::PackedGram(std::int64_t rows, std::int64_t columns, cudaStream_t stream)
    : size_(columns + 1),
      stream_(stream),
      cublas_(stream),
      stride_(packed_rows(rows, columns)),
      packed_(stride_ * size_, stream),
      weights_(stride_, stream) {}

template <class T>
void PackedGram::pack(const Slab<T>& slab, std::int64_t first, std::int64_t count,
                      const double* weight, const std::int32_t* place) const {
  const std::int64_t blocks = pieces(count, threads_per_block) * pieces(size_, columns_of_a_block);
  launch({blocks}, stream_, pack_kernel<T>, slab, first, count, weight, place, packed_.data(),
         stride_);
}

template void PackedGram::pack(const Slab<double>&, std::int64_t, std::int64_t, const double*,
                               const std::int32_t*) const;
template void PackedGram::pack(const Slab<float>&, std::int64_t, std::int64_t, const double*,
                               const std::int32_t*) const;

void PackedGram::add(std::int64_t first, std::int64_t count, double* sum) const {
  cublas_.add_gram(packed_.data() + first, count, size_, stride_, sum);
}

SumsByFold::SumsByFold(std::span<const int> folds, std::span<const std::int32_t> fold_of_row,
                       const PackedGram& packed, cudaStream_t stream)
    : others_(static_cast<std::int32_t>(folds.size())),
      fold_of_row_(fold_of_row),
      packed_(packed),
      place_(fold_of_row.empty() ? 0 : packed.most_rows(), stream),
      begins_(folds.size() + 2) {
  for (std::size_t k = 0; k < folds.size(); ++k)
    own_.emplace(folds[k], static_cast<std::int32_t>(k));
}

std::int32_t SumsByFold::of(std::int32_t fold) const {
  if (fold < 0) return -1;
  const auto found = own_.find(fold);
  return found == own_.end() ? others_ : found->second;
}

void SumsByFold::group(std::int64_t first_row, std::int64_t count) {
  rows_ = count;
  std::fill(begins_.begin(), begins_.end(), 0);
  if (fold_of_row_.empty()) {
    std::fill(begins_.begin() + of(0) + 1, begins_.end(), count);
    return;
  }
  const auto folds =
      fold_of_row_.subspan(static_cast<std::size_t>(first_row), static_cast<std::size_t>(count));
  std::vector<std::int32_t> place(folds.size());
  std::transform(folds.begin(), folds.end(), place.begin(),
                 [this](std::int32_t fold) { return of(fold); });
  for (const std::int32_t sum : place)
    if (sum >= 0) ++begins_[static_cast<std::size_t>(sum) + 1];
  std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
  std::vector<std::int64_t> next = begins_;
  for (std::int32_t& each : place)
    if (each >= 0) each = static_cast<std::int32_t>(next[static_cast<std::size_t>(each)]++);
  place_.copy_from(places_on_their_way_.emplace_back(std::move(place)));
}

template <class T>
void SumsByFold::add(const Slab<T>& slab, std::int64_t first, const double* weight,
                     double* sums) const {
  packed_.pack(slab, first, rows_, weight, fold_of_row_.empty() ? nullptr : place_.data());
  const std::int64_t length = (slab.columns + 1) * (slab.columns + 1);
  for (std::size_t sum = 0; sum + 1 < begins_.size(); ++sum, sums += length)
    packed_.add(begins_[sum], begins_[sum + 1] - begins_[sum], sums);
}

template void SumsByFold::add(const Slab<double>&, std::int64_t, const double*, double*) const;
template void SumsByFold::add(const Slab<float>&, std::int64_t, const double*, double*) const;

void copy_symmetric(const DeviceBuffer<double>& lower, std::int64_t size, std::span<double> full,
                    cudaStream_t stream) {
  lower.copy_to(full);
  check(cudaStreamSynchronize(stream));
  const auto at = [size](std::int64_t row, std::int64_t column) {
    return static_cast<std::size_t>(column * size + row);
  };
  const auto length = static_cast<std::size_t>(size * size);
  for (; !full.empty(); full = full.subspan(length))
    for (std::int64_t column = 0; column < size; ++column)
      for (std::int64_t row = 0; row < column; ++row) full[at(row, column)] = full[at(column, row)];
}

void gram_by_fold(const DeviceRows& rows, std::span<const std::int32_t> fold_of_row,
                  const double* row_weight, std::span<const int> folds, const PackedGram& packed,
                  std::span<double> sums, cudaStream_t stream) {
  SumsByFold by_fold(folds, fold_of_row, packed, stream);
  DeviceBuffer<double> lower(std::ssize(sums), stream);
  lower.set_to_zero();
  rows.for_each_slab([&](const auto& slab) {
    for_each_piece(slab, [&](std::int64_t first, std::int64_t count) {
      const std::int64_t row = slab.first_row + first;
      by_fold.group(row, count);
      by_fold.add(slab, first, row_weight == nullptr ? nullptr : row_weight + row, lower.data());
    });
  });
  copy_symmetric(lower, rows.columns() + 1, sums, stream);
}

void gram_by_fold(const RowBlocks& rows, std::span<const std::int32_t> fold_of_row,
                  std::span<const double> row_weight, std::span<const int> folds,
                  std::span<double> sums, std::int64_t device_memory) {
  const Stream stream;
  const std::int64_t reserved =
      PackedGram::bytes(rows.rows(), rows.cols()) + 8 * (std::ssize(row_weight) + std::ssize(sums));
  const DeviceRows device_rows(rows, device_memory, reserved, stream.get());
  const DeviceBuffer<double> weight(row_weight, stream.get());
  const PackedGram packed(rows.rows(), rows.cols(), stream.get());
  gram_by_fold(device_rows, fold_of_row, weight.data(), folds, packed, sums, stream.get());
}

}  // namespace gradstep::cuda
