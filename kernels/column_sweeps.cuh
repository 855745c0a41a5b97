#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/staging.cuh"
#include "kernels/cuda/stream.cuh"
#include "kernels/prepare.cuh"

namespace gradstep::cuda {

/// Takes columns of host memory through the device twice: look() reads them, change() rewrites
/// them. Rows go in slabs through two streams, so that copies overlap kernels and the host's own
/// copying. Columns that both sweeps need stay on the device in between when they fit; otherwise
/// they are copied to it again. The results have the same bits either way.
class ColumnSweeps {
 public:
  struct Options {
    bool changes = false;            ///< change() will follow
    std::int64_t device_memory = 0;  ///< as in SolverOptions
  };
  struct Found {
    std::int64_t rows = 0;           ///< kept
    std::vector<Extremes> extremes;  ///< of the measured columns
  };

  /// @param columns  of 8-byte cells, each as long as `keep`; the first as `roles` says
  /// @param keep     0 = the row is dropped; read by both sweeps
  /// @throws CudaError  when the device does not even have room for slabs of 256 rows
  ColumnSweeps(std::vector<const void*> columns, const Roles& roles,
               std::span<const std::uint8_t> keep, const Options& options);

  /// @param mask  out: `keep` again, which is cleared where a missing value drops the row; not
  ///     touched when the roles drop nothing
  Found look(std::span<std::uint8_t> mask);

  /// Moves the kept rows to the front of each column, the first columns scaled; after look().
  /// Where nothing would change, nothing is copied.
  ///
  /// @param columns  those of the constructor, to be written
  void change(std::span<void* const> columns, std::span<const ColumnScale> scales);

 private:
  struct Plan {
    std::int64_t rows_of_a_slab;  // whole blocks of rows
    std::int64_t slabs;
    bool resident;  // the rows stay on the device between the sweeps
  };
  struct Slab {
    std::int64_t index;
    std::int64_t first_row;
    std::int64_t rows;
    std::int64_t stride;  // of its cells on the device
    double* cells;
    std::uint8_t* keep;
    cudaStream_t stream;
  };
  // Device memory of the two slabs under way, unless the rows stay on the device.
  struct Lanes;

  static Plan plan_of(std::int64_t rows, std::int64_t columns, const Roles& roles,
                      const Options& options);
  [[nodiscard]] Lanes lanes(std::int64_t columns) const;
  [[nodiscard]] Slab slab(std::int64_t index, const Lanes& lanes) const;
  [[nodiscard]] std::int64_t kept_in(const Slab& slab) const;
  void upload(const Slab& slab, std::int64_t first_column, std::int64_t end_column, bool mask,
              Staging& staging) const;
  template <class Send, class Fetch, class Store>
  void for_each_slab(const Lanes& lanes, std::int64_t bytes_of_a_result, const Send& send,
                     const Fetch& fetch, const Store& store) const;

  std::vector<const void*> columns_;
  Roles roles_;
  std::span<const std::uint8_t> keep_;
  Plan plan_;
  std::array<Stream, 2> streams_;
  DeviceBuffer<double> cells_;  // slab after slab; empty unless resident, as mask_
  DeviceBuffer<std::uint8_t> mask_;
  DeviceBuffer<std::int64_t> kept_before_;  // each block of rows; at the end, in all
  std::vector<std::int64_t> kept_before_on_host_;
};

}  // namespace gradstep::cuda
