#pragma once

#include <cublas_v2.h>

#include <cstdint>
#include <memory>

#include "kernels/cuda/device_buffer.cuh"

namespace gradstep::cuda {

/// A handle of cuBLAS, bound to one stream, with a workspace of its own: so that a product has the
/// same bits from run to run on one GPU model. cuBLAS is opened by name on first use: a program
/// that never needs it neither loads it nor minds when it is missing.
class Cublas {
 public:
  static constexpr std::int64_t workspace_bytes = 32 << 20;  ///< as NVIDIA recommends for Hopper

  /// @throws BackendUnavailable  with the loader's reason, when there is no cuBLAS
  explicit Cublas(cudaStream_t stream);

  /// c += a' a, lower triangle. a: rows x columns with leading dimension `stride`; c: columns x
  /// columns, all in device memory. Queues, does not wait.
  void add_gram(const double* a, std::int64_t rows, std::int64_t columns, std::int64_t stride,
                double* c) const;

 private:
  struct Destroy {
    using pointer = cublasHandle_t;
    void operator()(cublasHandle_t handle) const noexcept;
  };
  DeviceBuffer<unsigned char> workspace_;  // outlives the handle
  std::unique_ptr<cublasHandle_t, Destroy> handle_;
};

}  // namespace gradstep::cuda
