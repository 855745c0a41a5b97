#pragma once

#include <memory>

#include "kernels/cuda/check.cuh"

namespace gradstep::cuda {

/// Owns a recording of work that a callable queues on one stream, to be launched again and again at
/// the price of one launch. The arguments of kernels and copies are those of the recording, so the
/// memory that they point to must outlive the last run.
class Graph {
 public:
  /// Calls queue(), which queues on `stream`; that work is recorded and does not run. queue() must
  /// not wait, allocate, copy from or to pageable memory, or call Thrust.
  ///
  /// @throws CudaError  when queue() did something that cannot be recorded. What queue() throws
  ///     passes through. Either way `stream` is usable again.
  template <class Queue>
  Graph(cudaStream_t stream, const Queue& queue) {
    // Other threads may go on to do what a recording forbids.
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    try {
      queue();
    } catch (...) {
      cudaGraph_t raw = nullptr;
      (void)cudaStreamEndCapture(stream, &raw);
      (void)cudaGetLastError();  // the reason is on its way already
      const Recording discarded(raw);
      throw;
    }
    cudaGraph_t raw = nullptr;
    check(cudaStreamEndCapture(stream, &raw));
    const Recording recording(raw);
    cudaGraphExec_t instance = nullptr;
    check(cudaGraphInstantiate(&instance, recording.get(), 0));
    handle_.reset(instance);
  }

  /// Queues one run of the recorded work on `stream`, does not wait. May be destroyed meanwhile.
  void launch(cudaStream_t stream) const { check(cudaGraphLaunch(handle_.get(), stream)); }

 private:
  struct Destroy {
    using pointer = cudaGraphExec_t;
    void operator()(cudaGraphExec_t instance) const noexcept {
      (void)cudaGraphExecDestroy(instance);
    }
  };
  struct Discard {
    using pointer = cudaGraph_t;
    void operator()(cudaGraph_t graph) const noexcept { (void)cudaGraphDestroy(graph); }
  };
  using Recording = std::unique_ptr<cudaGraph_t, Discard>;
  std::unique_ptr<cudaGraphExec_t, Destroy> handle_;
};

}  // namespace gradstep::cuda
