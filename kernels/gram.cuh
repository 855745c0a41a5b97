#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "kernels/cuda/cublas.cuh"
#include "kernels/cuda/device_buffer.cuh"
#include "kernels/row_blocks.cuh"

namespace gradstep::cuda {

/// Sums of weight_i a_i a_i' over rows a_i of A = [X 1], by cuBLAS: rows sqrt(weight_i) a_i are
/// packed into a buffer of rows_of_a_piece() rows, where rows that are added up together are
/// neighbours. Opens cuBLAS; owns the buffer.
class PackedGram {
 public:
  /// Device memory that an object takes, cuBLAS's workspace included.
  [[nodiscard]] static std::int64_t bytes(std::int64_t rows, std::int64_t columns);

  /// @throws BackendUnavailable  when there is no cuBLAS
  PackedGram(std::int64_t rows, std::int64_t columns, cudaStream_t stream);

  /// Rows of the largest piece.
  [[nodiscard]] std::int64_t most_rows() const { return stride_; }
  /// Room for a number for every row of a piece, in device memory: for weights made on the device.
  [[nodiscard]] double* weights() const { return weights_.data(); }

  /// Packs rows [first, first + count) of the slab, count <= rows_of_a_piece().
  /// @param weight  device, length count; nullptr: all 1
  /// @param place   device, length count: which packed row each becomes, -1: none; nullptr: in
  /// order
  ///
  /// Work: each element read once, 8 B written. Queues, does not wait.
  template <class T>
  void pack(const Slab<T>& slab, std::int64_t first, std::int64_t count, const double* weight,
            const std::int32_t* place) const;

  /// sum += Y'Y of packed rows [first, first + count). @param sum  device, (d+1)^2: lower triangle
  /// Work: count (d+1)^2 multiplications. Queues, does not wait.
  void add(std::int64_t first, std::int64_t count, double* sum) const;

 private:
  std::int64_t size_;  // d+1
  cudaStream_t stream_;
  Cublas cublas_;
  std::int64_t stride_;
  DeviceBuffer<double> packed_;
  DeviceBuffer<double> weights_;
};

/// Calls visit(first, count) for the pieces of a slab, which begin at multiples of
/// rows_of_a_piece(): the same ones however slabs are cut, as long as pieces fit them.
template <class T, class Visit>
void for_each_piece(const Slab<T>& slab, const Visit& visit) {
  const std::int64_t piece = rows_of_a_piece(slab.columns);
  for (std::int64_t first = 0; first < slab.rows; first += piece)
    visit(first, std::min(piece, slab.rows - first));
}

/// Sums apart for the rows of each of some folds, and for those of all others. The host groups the
/// rows of a piece by sum, so that they are neighbours when they are packed.
class SumsByFold {
 public:
  /// Keeps references to all but `folds`.
  /// @param folds        distinct
  /// @param fold_of_row  host, of all rows; or empty: every row is of fold 0
  SumsByFold(std::span<const int> folds, std::span<const std::int32_t> fold_of_row,
             const PackedGram& packed, cudaStream_t stream);

  /// One for each fold, in order, then one for the rows of other folds from 0 on.
  [[nodiscard]] std::int64_t count() const { return others_ + 1; }
  /// Which of them; -1 for a fold below 0.
  [[nodiscard]] std::int32_t of(std::int32_t fold) const;

  /// Groups rows [first_row, first_row + count) of the data, count <= rows_of_a_piece(), for add().
  /// Queues a copy from what this object owns: wait for the stream before it goes.
  void group(std::int64_t first_row, std::int64_t count);

  /// sums[i] += Y'Y of the rows of sum i among those grouped, of which the slab has the first at
  /// `first`.
  /// @param weight  device, of the grouped rows; nullptr: all 1
  /// @param sums    device, count() matrices of (d+1)^2: lower triangles
  /// Work: one PackedGram::pack(), and add() for each sum. Queues, does not wait.
  template <class T>
  void add(const Slab<T>& slab, std::int64_t first, const double* weight, double* sums) const;

 private:
  std::unordered_map<std::int32_t, std::int32_t> own_;  // which sum a fold has
  std::int32_t others_;
  std::span<const std::int32_t> fold_of_row_;
  const PackedGram& packed_;
  std::int64_t rows_ = 0;             // grouped
  DeviceBuffer<std::int32_t> place_;  // which packed row each becomes; -1: none
  std::vector<std::int64_t> begins_;  // packed rows, by sum, then the end
  std::vector<std::vector<std::int32_t>> places_on_their_way_;
};

/// gram_by_fold (kernels/gram.hpp) of rows that are on the device, or stream through it.
/// @param fold_of_row  host, length n, or empty
/// @param row_weight   device, length n; nullptr: all 1
/// @param sums         host. The host groups each piece's rows by fold, and waits at the end.
void gram_by_fold(const DeviceRows& rows, std::span<const std::int32_t> fold_of_row,
                  const double* row_weight, std::span<const int> folds, const PackedGram& packed,
                  std::span<double> sums, cudaStream_t stream);

/// Copies symmetric matrices of which the device has the lower triangles and zeros; waits.
void copy_symmetric(const DeviceBuffer<double>& lower, std::int64_t size, std::span<double> full,
                    cudaStream_t stream);

}  // namespace gradstep::cuda
