#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/staging.cuh"
#include "kernels/cuda/stream.cuh"
#include "kernels/row_blocks.hpp"

namespace gradstep::cuda {

/// A run of rows in device memory: row first_row + i of column c is x[c * stride + i].
/// T is double, or float for X stored as float32.
template <class T>
struct Slab {
  const T* x;  ///< aligned to 256 bytes
  std::int64_t first_row;
  std::int64_t rows;     ///< those after them, up to the next multiple of 32, are 0
  std::int64_t stride;   ///< a multiple of 32, so that every column starts aligned
  std::int64_t columns;  ///< d
};

/// Rows that algorithms with scratch memory for every row take at a time: a power of two, of at
/// most 32 MB of float64 [X 1], at least 256.
[[nodiscard]] inline std::int64_t rows_of_a_piece(std::int64_t columns) {
  const auto fit = static_cast<std::uint64_t>((32 << 20) / (8 * (columns + 1)));
  return std::max<std::int64_t>(static_cast<std::int64_t>(std::bit_floor(fit)), 256);
}

/// The rows of a RowBlocks on the device: all of them as one slab that stays, or else slabs that
/// stream through two buffers, again at every visit.
class DeviceRows {
 public:
  /// Copies the rows to the device when they fit `device_memory` bytes (0: nine tenths of what is
  /// free) beside `reserved` bytes that the caller will need. Else takes two slabs of up to 64 MB
  /// and two pinned buffers of a RowBlock: that much is taken even if it is more than
  /// `device_memory`. A slab is a multiple of RowBlocks::rows_per_block, and of rows_of_a_piece()
  /// if two such slabs fit.
  ///
  /// Keeps a reference to `rows`; `stream` must outlive the object. May leave copies queued.
  /// @throws CudaError  when there is no room for two slabs; and what `rows` throws
  DeviceRows(const RowBlocks& rows, std::int64_t device_memory, std::int64_t reserved,
             cudaStream_t stream);

  [[nodiscard]] std::int64_t rows() const { return source_.rows(); }
  [[nodiscard]] std::int64_t columns() const { return source_.cols(); }
  /// Rows of every slab but the last.
  [[nodiscard]] std::int64_t rows_of_a_slab() const { return layout_.rows_of_a_slab; }
  /// True when X stays on the device; then for_each_slab() queues only, and may be captured.
  [[nodiscard]] bool resident() const { return layout_.resident; }

  /// Calls visit(slab) for every slab in order; it queues work on the stream that was given to the
  /// constructor, which may read the slab. visit takes Slab<double> and Slab<float>.
  /// Rows that do not fit are read and copied again, overlapping that work: the host is busy then.
  /// @throws  what the source of the rows and `visit` throw
  template <class Visit>
  void for_each_slab(const Visit& visit) const {
    walk([&](const std::byte* x, std::int64_t first_row) {
      if (source_.float32())
        visit(slab<float>(x, first_row));
      else
        visit(slab<double>(x, first_row));
    });
  }

 private:
  struct Layout {
    bool resident;
    std::int64_t rows_of_a_slab;  // also the stride
    std::int64_t bytes_of_a_slab;
  };
  // Two slabs in turn. Destroyed before the slabs: Staging waits for the copies into them.
  struct Streaming {
    Stream copies;
    std::array<Event, 2> copied;
    std::array<Event, 2> visited;
    Staging staging;
  };

  static Layout layout_of(const RowBlocks& rows, std::int64_t device_memory, std::int64_t reserved);
  [[nodiscard]] std::int64_t bytes_of_a_buffer() const;

  template <class T>
  [[nodiscard]] Slab<T> slab(const std::byte* x, std::int64_t first_row) const {
    return {reinterpret_cast<const T*>(x), first_row,
            std::min(rows() - first_row, layout_.rows_of_a_slab), layout_.rows_of_a_slab,
            columns()};
  }
  void copy_block(const RowBlock& block, std::byte* x, std::int64_t row, Staging& staging,
                  cudaStream_t stream) const;
  void walk(const std::function<void(const std::byte* x, std::int64_t first_row)>& visit) const;

  const RowBlocks& source_;
  cudaStream_t stream_;
  Layout layout_;
  DeviceBuffer<std::byte> slabs_;         // one, or two
  std::unique_ptr<Streaming> streaming_;  // none when resident
};

}  // namespace gradstep::cuda
