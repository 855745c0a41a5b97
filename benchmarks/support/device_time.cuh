#pragma once

#include <cuda_runtime.h>

#include <memory>

#include "kernels/cuda/check.cuh"

namespace gradstep::bench {

/// Owns one CUDA event that takes the time.
class TimedEvent {
 public:
  TimedEvent() {
    cudaEvent_t raw = nullptr;
    cuda::check(cudaEventCreate(&raw));
    handle_.reset(raw);
  }
  void record(cudaStream_t stream) const { cuda::check(cudaEventRecord(handle_.get(), stream)); }
  /// Waits for the event.
  [[nodiscard]] double seconds_since(const TimedEvent& start) const {
    float milliseconds = 0;
    cuda::check(cudaEventSynchronize(handle_.get()));
    cuda::check(cudaEventElapsedTime(&milliseconds, start.handle_.get(), handle_.get()));
    return milliseconds / 1e3;
  }

 private:
  struct Destroy {
    using pointer = cudaEvent_t;
    void operator()(cudaEvent_t event) const noexcept { (void)cudaEventDestroy(event); }
  };
  std::unique_ptr<cudaEvent_t, Destroy> handle_;
};

}  // namespace gradstep::bench
