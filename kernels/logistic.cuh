#pragma once

#include <cstdint>
#include <optional>

#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/stream.cuh"
#include "kernels/gram.cuh"
#include "kernels/logistic.hpp"
#include "kernels/logistic_pass.cuh"
#include "kernels/row_blocks.cuh"

namespace gradstep::cuda {

/// LogisticSums of rows that stay on the device, or stream through it.
class DeviceSums final : public LogisticSums {
 public:
  /// Copies classes, folds and weights, and the rows if they fit (row_blocks.cuh). Keeps a
  /// reference to what `problem` refers to.
  /// @throws InvalidArgument  a class beyond 0 to 32,767, or a fold beyond -1 to 32,767
  DeviceSums(const LogisticProblem& problem, std::int64_t device_memory);

  void gram(std::span<const std::int32_t> fold_of_row, std::span<const int> folds,
            std::span<double> sums) override;
  /// More points than there are models take more scratch memory, another piece from then on: what
  /// was recorded of queue_loss_and_gradient() must not run any more.
  void loss_and_gradient(std::span<const LogisticPoint> points, std::span<double> sums) override;
  /// Work: per point X is read twice on the device and 8 (d+1) B are written and read for a row.
  /// The points of one class at one v (neighbours, with the same array), that differ in the fold
  /// that is left out and in the weights of the classes, cost as much as one: the rows of each
  /// fold, and of each class, are summed up apart. Rows that stream are copied once for all points.
  void hessian(std::span<const LogisticPoint> points, std::span<double> sums) override;

  [[nodiscard]] cudaStream_t stream() const { return stream_.get(); }
  [[nodiscard]] Slot slot_of(const Model& model) const;

  /// True when queue_loss_and_gradient() only queues, so that a graph can capture it; false when
  /// the rows stream through, which keeps the host busy.
  [[nodiscard]] bool resident() const { return rows_.resident(); }

  /// For each active point the loss, then the gradient: d+2 numbers a point. Waits for nothing.
  ///
  /// @param points  device, `count` columns of d+1: coefficients, then the intercept
  /// @param slots   device, `count` of them; at most as many as the problem has models
  /// @param sums    device, out, `count` columns of d+2
  /// Work: LogisticPass says how often X is read. Own kernels rather than GEMM, which by bytes
  /// costs more: it also writes and reads Z = A V and the residuals. Agreement: the same bits on
  /// every GPU, whether the rows are resident or not.
  void queue_loss_and_gradient(const double* points, const Slot* slots, int count,
                               double* sums) const;

 private:
  // The points in device memory, and their slots: all active.
  struct DevicePoints {
    DeviceBuffer<double> v;
    DeviceBuffer<Slot> slots;
  };
  [[nodiscard]] DevicePoints upload(std::span<const LogisticPoint> points) const;
  struct SlotHessians;
  void hessian_of_each(std::span<const LogisticPoint> points, std::span<double> sums);
  void hessian_by_slot(const SlotHessians& plan, std::span<double> sums);
  [[nodiscard]] Targets targets() const;
  [[nodiscard]] const PackedGram& packed_gram();
  template <class T>
  void queue_curvatures(const Slab<T>& slab, std::int64_t first, std::int64_t count,
                        const double* v, const Slot* slot, double* curvatures) const;

  LogisticProblem problem_;
  std::int64_t size_;  // d+1
  Stream stream_;
  DeviceRows rows_;
  DeviceBuffer<std::int16_t> class_of_row_;
  DeviceBuffer<std::int16_t> fold_of_row_;
  DeviceBuffer<double> row_weight_;
  LogisticPass pass_;
  std::optional<PackedGram> packed_gram_;  // on first use, and cuBLAS with it
};

}  // namespace gradstep::cuda
