#include "kernels/gram.cuh"

#include <algorithm>
#include <numeric>
#include <unordered_map>
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

// Which sum a fold belongs to: its own, or the last one, or none.
class SumOfFold {
 public:
  explicit SumOfFold(std::span<const int> folds)
      : others_(static_cast<std::int32_t>(folds.size())) {
    for (std::size_t k = 0; k < folds.size(); ++k)
      own_.emplace(folds[k], static_cast<std::int32_t>(k));
  }

  [[nodiscard]] std::int32_t sums() const { return others_ + 1; }
  /// -1: none.
  [[nodiscard]] std::int32_t operator()(std::int32_t fold) const {
    if (fold < 0) return -1;
    const auto found = own_.find(fold);
    return found == own_.end() ? others_ : found->second;
  }

 private:
  std::int32_t others_;
  std::unordered_map<std::int32_t, std::int32_t> own_;
};

// Where the rows of a piece go, so that those of one sum are neighbours.
struct Places {
  std::vector<std::int32_t> place;   // by row; -1: nowhere
  std::vector<std::int64_t> begins;  // by sum, then the end
};

Places group_by_sum(const SumOfFold& sum_of_fold, std::span<const std::int32_t> fold_of_row) {
  Places places{std::vector<std::int32_t>(fold_of_row.size()),
                std::vector<std::int64_t>(static_cast<std::size_t>(sum_of_fold.sums()) + 1)};
  std::transform(fold_of_row.begin(), fold_of_row.end(), places.place.begin(), sum_of_fold);
  for (const std::int32_t sum : places.place)
    if (sum >= 0) ++places.begins[static_cast<std::size_t>(sum) + 1];
  std::partial_sum(places.begins.begin(), places.begins.end(), places.begins.begin());
  std::vector<std::int64_t> next = places.begins;
  for (std::int32_t& place : places.place)
    if (place >= 0) place = static_cast<std::int32_t>(next[static_cast<std::size_t>(place)]++);
  return places;
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
  const std::int64_t size = rows.columns() + 1;
  const std::int64_t n = rows.rows();
  const SumOfFold sum_of_fold(folds);
  DeviceBuffer<double> lower(std::ssize(sums), stream);
  lower.set_to_zero();
  const auto add = [&](std::int32_t sum, std::int64_t first, std::int64_t count) {
    packed.add(first, count, lower.data() + sum * size * size);
  };
  DeviceBuffer<std::int32_t> place(fold_of_row.empty() ? 0 : packed_rows(n, rows.columns()),
                                   stream);
  std::vector<std::vector<std::int32_t>> places_on_their_way;  // until the host has waited
  rows.for_each_slab([&](const auto& slab) {
    for_each_piece(slab, [&](std::int64_t first, std::int64_t count) {
      const std::int64_t row = slab.first_row + first;
      const double* const weight = row_weight == nullptr ? nullptr : row_weight + row;
      if (fold_of_row.empty()) {
        packed.pack(slab, first, count, weight, nullptr);
        return add(sum_of_fold(0), 0, count);
      }
      Places places = group_by_sum(
          sum_of_fold,
          fold_of_row.subspan(static_cast<std::size_t>(row), static_cast<std::size_t>(count)));
      place.copy_from(places_on_their_way.emplace_back(std::move(places.place)));
      packed.pack(slab, first, count, weight, place.data());
      for (std::int32_t sum = 0; sum < sum_of_fold.sums(); ++sum) {
        const std::int64_t begin = places.begins[static_cast<std::size_t>(sum)];
        add(sum, begin, places.begins[static_cast<std::size_t>(sum) + 1] - begin);
      }
    });
  });
  copy_symmetric(lower, size, sums, stream);
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
