#pragma once

#include <memory>

#include "kernels/cuda/check.cuh"

namespace gradstep::cuda {

/// Owns one non-blocking stream. Move-only by way of unique_ptr: nothing to hand-write.
class Stream {
 public:
  Stream() {
    cudaStream_t raw = nullptr;
    check(cudaStreamCreateWithFlags(&raw, cudaStreamNonBlocking));
    handle_.reset(raw);
  }

  [[nodiscard]] cudaStream_t get() const { return handle_.get(); }
  void wait() const { check(cudaStreamSynchronize(get())); }

 private:
  struct Destroy {
    using pointer = cudaStream_t;
    void operator()(cudaStream_t stream) const noexcept {
      (void)cudaStreamSynchronize(
          stream);  // gives back what was freed: cudaMemGetInfo sees it then
      (void)cudaStreamDestroy(stream);
    }
  };
  std::unique_ptr<cudaStream_t, Destroy> handle_;
};

/// A mark in a stream, for another stream or the host to wait for. Not recorded: nothing to wait
/// for.
class Event {
 public:
  Event() {
    cudaEvent_t raw = nullptr;
    check(cudaEventCreateWithFlags(&raw, cudaEventDisableTiming));
    handle_.reset(raw);
  }

  void record(cudaStream_t stream) const { check(cudaEventRecord(handle_.get(), stream)); }
  /// The host waits.
  void wait() const { check(cudaEventSynchronize(handle_.get())); }
  /// The host waits; for destructors, which leave errors to the next call.
  void settle() const noexcept { (void)cudaEventSynchronize(handle_.get()); }
  /// What is queued on `stream` from now on waits.
  void hold(cudaStream_t stream) const { check(cudaStreamWaitEvent(stream, handle_.get())); }

 private:
  struct Destroy {
    using pointer = cudaEvent_t;
    void operator()(cudaEvent_t event) const noexcept { (void)cudaEventDestroy(event); }
  };
  std::unique_ptr<cudaEvent_t, Destroy> handle_;
};

}  // namespace gradstep::cuda
