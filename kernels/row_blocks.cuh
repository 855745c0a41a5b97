#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/staging.cuh"
#include "kernels/row_blocks.hpp"

namespace gradstep::cuda {

/// A run of rows in device memory: row first_row + i of column c is x[c * stride + i].
/// T is double, or float for X stored as float32.
template <class T>
struct Slab {
  const T* x;
  std::int64_t first_row;
  std::int64_t rows;
  std::int64_t stride;   ///< a multiple of 32, so that every column starts aligned
  std::int64_t columns;  ///< d
};

/// The rows of a RowBlocks on the device, cut into slabs whose size depends on d and n alone, so
/// that sums over slabs have the same bits whether all slabs stay on the device or stream through.
class DeviceRows {
 public:
  /// Rows of every slab but the last: RowBlocks::rows_per_block times as many blocks as fit 64 MB
  /// of float64, at least one.
  [[nodiscard]] static std::int64_t rows_of_a_slab(std::int64_t columns);

  /// Copies the rows to the device when they fit `device_memory` bytes (0: what the device has),
  /// beside `reserved` bytes that the caller will need; else takes two slabs and two pinned buffers.
  /// @throws CudaError  when there is no room for two slabs
  DeviceRows(const RowBlocks& rows, std::int64_t device_memory, std::int64_t reserved,
             cudaStream_t stream);

  [[nodiscard]] std::int64_t rows() const { return source_.rows(); }
  [[nodiscard]] std::int64_t columns() const { return source_.cols(); }
  /// True when X stays on the device; then for_each_slab() queues only, and may be captured.
  [[nodiscard]] bool resident() const;

  /// Calls visit(slab, index) for every slab in order; it queues work on the stream that was given
  /// to the constructor, which may read the slab. visit takes Slab<double> and Slab<float>.
  /// Rows that do not fit are read and copied again, overlapping that work: the host is busy then.
  template <class Visit>
  void for_each_slab(const Visit& visit) const {
    if (source_.float32())
      walk([&](const void* x, std::int64_t index) { visit(slab<float>(x, index), index); });
    else
      walk([&](const void* x, std::int64_t index) { visit(slab<double>(x, index), index); });
  }

 private:
  // L: to be designed by the implementation
  template <class T>
  [[nodiscard]] Slab<T> slab(const void* x, std::int64_t index) const;
  void walk(const std::function<void(const void* x, std::int64_t index)>& visit) const;

  const RowBlocks& source_;
};

}  // namespace gradstep::cuda
