#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include "kernels/cuda/check.cuh"

namespace gradstep::cuda {

/// Owns `count` uninitialised elements of device memory, ordered on one stream: allocation, copies
/// and release all queue there, and no member waits. The stream must outlive the buffer.
template <class T>
class DeviceBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  DeviceBuffer(std::int64_t count, cudaStream_t stream) : size_(count) {
    T* raw = nullptr;
    if (count > 0) check(cudaMallocAsync(&raw, bytes(), stream));
    data_ = {raw, Free{stream}};
  }
  /// Holds what `host` holds. Waits for that, so `host` may go.
  DeviceBuffer(std::span<const T> host, cudaStream_t stream)
      : DeviceBuffer(std::ssize(host), stream) {
    copy_from(host);
    check(cudaStreamSynchronize(stream));
  }

  [[nodiscard]] T* data() const { return data_.get(); }
  [[nodiscard]] std::int64_t size() const { return size_; }

  /// Queues the copy. `host`, if pinned, must not change until the stream was waited for.
  void copy_from(std::span<const T> host) {
    if (host.empty()) return;
    check(
        cudaMemcpyAsync(data(), host.data(), host.size_bytes(), cudaMemcpyHostToDevice, stream()));
  }
  /// Queues the copy of the first elements; `host` holds them once the stream was waited for.
  void copy_to(std::span<T> host) const {
    if (host.empty()) return;
    check(
        cudaMemcpyAsync(host.data(), data(), host.size_bytes(), cudaMemcpyDeviceToHost, stream()));
  }
  void set_to_zero() {
    if (size_ > 0) check(cudaMemsetAsync(data(), 0, bytes(), stream()));
  }

 private:
  struct Free {
    cudaStream_t stream;
    void operator()(T* raw) const noexcept { (void)cudaFreeAsync(raw, stream); }
  };
  [[nodiscard]] std::size_t bytes() const { return static_cast<std::size_t>(size_) * sizeof(T); }
  [[nodiscard]] cudaStream_t stream() const { return data_.get_deleter().stream; }

  std::int64_t size_;
  std::unique_ptr<T[], Free> data_{nullptr, Free{nullptr}};
};

/// Owns `count` uninitialised elements of pinned host memory: the device copies to and from it
/// while the host goes on.
template <class T>
class PinnedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit PinnedBuffer(std::int64_t count) : size_(static_cast<std::size_t>(count)) {
    T* raw = nullptr;
    if (count > 0) check(cudaMallocHost(&raw, size_ * sizeof(T)));
    data_.reset(raw);
  }

  [[nodiscard]] std::span<T> span() const { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(T* raw) const noexcept { (void)cudaFreeHost(raw); }
  };
  std::size_t size_;
  std::unique_ptr<T[], Free> data_;
};

}  // namespace gradstep::cuda
