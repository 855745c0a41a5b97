#pragma once

#include <cstdint>

#include "kernels/cuda/device_buffer.cuh"
#include "kernels/logistic_row.cuh"
#include "kernels/row_blocks.cuh"

namespace gradstep::cuda {

/// Rows whose terms one block adds up: by n, d and whether there is one point, so that sums have
/// the same bits on every GPU and however the rows are cut into slabs. Divides
/// RowBlocks::rows_per_block.
[[nodiscard]] std::int64_t rows_of_a_partial(std::int64_t rows, std::int64_t columns,
                                             bool one_point);

/// Where loss and gradient are asked for. All in device memory.
struct PassPoints {
  const double* v;    ///< `count` columns of d+1: coefficients, then the intercept
  const Slot* slots;  ///< `count`
  int count;
  double* sums;  ///< out, `count` columns of d+2: the loss, then the gradient
};

/// The active points as a kernel reads them, group by group.
struct PackedPoints {
  double* v;    ///< [group][column][point]
  Slot* slots;  ///< [group][point]
};

/// The fused pass: loss and gradient of many points from one read of X, slab by slab. Owns the
/// scratch memory that this takes. The kernel depends on d and on the number of points:
/// - one point, d <= 28: a thread keeps rows in registers;
/// - several points, d <= 522: a block keeps rows in shared memory and goes through groups of 8 or
///   32 points. X is read once for up to 256 active points, and for more as long as the partial
///   sums of all points take 64 MB or a third of X in float64; then once for as many as that;
/// - d <= 834: a block keeps rows in shared memory, for each point by itself;
/// - wider: X is read twice for each point, once for the margins and once for the gradient.
/// Numbers that float32 holds have sums of the same bits in float32 and in float64; a point has the
/// same bits beside any others, but not alone.
class LogisticPass {
 public:
  /// Device memory that an object takes, at most.
  [[nodiscard]] static std::int64_t bytes(std::int64_t rows, std::int64_t columns, int most_points);

  /// @param rows            n, of all slabs
  /// @param rows_of_a_slab  n when there is one slab
  /// @param most_points     largest `count` that will be asked for
  LogisticPass(std::int64_t rows, std::int64_t columns, std::int64_t rows_of_a_slab,
               int most_points, cudaStream_t stream);

  [[nodiscard]] int most_points() const { return most_points_; }

  /// To be called before the slabs: looks which points are active. Queues, does not wait.
  void queue_begin(const PassPoints& points) const;
  /// Adds the terms of a slab's rows. All slabs in order, and one without rows when n is 0: after
  /// the last the sums are there. Queues, does not wait.
  template <class T>
  void queue_slab(const Slab<T>& slab, const Targets& targets, const PassPoints& points) const;

 private:
  struct Sizes {
    int points;            // most_points; if several, filled up to whole groups
    int batch;             // points whose partial sums have room: 1, or whole groups
    std::int64_t sums;     // doubles of partial sums
    std::int64_t running;  // doubles kept between slabs
    std::int64_t residuals;
    std::int64_t packed;  // doubles of packed points
  };
  static Sizes sizes_of(std::int64_t rows, std::int64_t columns, std::int64_t rows_of_a_slab,
                        int most_points);

  [[nodiscard]] PackedPoints packed_points() const {
    return {packed_v_.data(), packed_slots_.data()};
  }

  std::int64_t rows_;
  std::int64_t columns_;
  int most_points_;
  cudaStream_t stream_;
  Sizes sizes_;
  DeviceBuffer<int> active_;         // the active points, then -1; then how many. Not for one point
  DeviceBuffer<double> packed_v_;    // PackedPoints
  DeviceBuffer<Slot> packed_slots_;  // the same
  DeviceBuffer<double> partial_sums_;  // [partial][entry][point of the batch]
  DeviceBuffer<double> running_;       // [entry][active point][lane], batch by batch
  DeviceBuffer<double> residuals_;     // of a slab's rows, for the widest data
};

}  // namespace gradstep::cuda
