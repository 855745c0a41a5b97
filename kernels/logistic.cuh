#pragma once

#include <cstdint>
#include <memory>

#include "kernels/cuda/cublas.cuh"
#include "kernels/cuda/stream.cuh"
#include "kernels/logistic.hpp"
#include "kernels/row_blocks.cuh"

namespace gradstep::cuda {

/// Which rows train the model of a point, in device memory.
struct Slot {
  std::int16_t positive_class;
  std::int16_t held_out_fold;  ///< -1: none
  std::int32_t active;         ///< 0: the point is skipped and its sums are not written
};

/// LogisticSums of rows that stay on the device, or stream through it.
class DeviceSums final : public LogisticSums {
 public:
  /// Copies classes, folds and weights, and the rows if they fit (row_blocks.cuh). Keeps a
  /// reference to what `problem` refers to.
  /// @throws InvalidArgument  a class or a fold above 32,767
  DeviceSums(const LogisticProblem& problem, std::int64_t device_memory);

  void gram(std::span<const int> folds, std::span<double> sums) override;
  void loss_and_gradient(std::span<const LogisticPoint> points, std::span<double> sums) override;
  void hessian(std::span<const LogisticPoint> points, std::span<double> sums) override;

  [[nodiscard]] cudaStream_t stream() const { return stream_.get(); }
  [[nodiscard]] Slot slot_of(const Model& model) const;

  /// True when queue_loss_and_gradient() only queues, so that a graph can capture it; false when
  /// the rows stream through, which keeps the host busy.
  [[nodiscard]] bool resident() const { return rows_.resident(); }

  /// For each active point the loss, then the gradient: d+2 numbers a point. Waits for nothing.
  ///
  /// @param points  device, `count` columns of d+1: coefficients, then the intercept
  /// @param slots   device, `count` of them
  /// @param sums    device, out, `count` columns of d+2
  /// Work: X is read once for every 8 points of which one is active. Own kernels rather than GEMM,
  /// which by bytes costs more: it also writes and reads Z = A V and the residuals.
  /// Agreement: the same bits on every GPU, whether the rows are resident or not.
  void queue_loss_and_gradient(const double* points, const Slot* slots, int count,
                               double* sums) const;

 private:
  Stream stream_;
  DeviceRows rows_;
};

}  // namespace gradstep::cuda
