#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/stream.cuh"

namespace gradstep::cuda {

/// Two pinned buffers, taken in turn: the host fills or empties one while the device copies the
/// other, and while kernels run on other streams.
class Staging {
 public:
  explicit Staging(std::int64_t bytes_of_a_buffer)
      : buffers_{PinnedBuffer<std::byte>(bytes_of_a_buffer),
                 PinnedBuffer<std::byte>(bytes_of_a_buffer)} {}
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  /// Waits for the copies that are queued: the buffers go.
  ~Staging() {
    for (const Event& done : done_) done.settle();
  }

  /// The next buffer, once the device has done with it. The host waits for that, not for more.
  [[nodiscard]] std::span<std::byte> next() {
    turn_ = 1 - turn_;
    done_[turn_].wait();
    return buffers_[turn_].span();
  }
  /// To be called when all copies from or to the buffer that next() gave are queued on `stream`.
  void queued(cudaStream_t stream) const { done_[turn_].record(stream); }

 private:
  std::array<PinnedBuffer<std::byte>, 2> buffers_;
  std::array<Event, 2> done_;
  std::size_t turn_ = 0;
};

}  // namespace gradstep::cuda
