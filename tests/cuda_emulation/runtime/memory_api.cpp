// Allocation and copies.
#include <cstring>
#include <memory>
#include <vector>

#include "emulated/runtime_api.h"
#include "runtime/device_memory.hpp"
#include "runtime/error.hpp"
#include "runtime/fault.hpp"
#include "runtime/graph.hpp"
#include "runtime/host_buffers.hpp"
#include "runtime/stream.hpp"
#include "runtime/trace.hpp"
#include "runtime/turn.hpp"

namespace {

using emulation::remember;

bool on_device(const void* memory) {
  return emulation::on_device(reinterpret_cast<std::uintptr_t>(memory));
}
bool pinned(const void* memory) {
  return emulation::is_pinned(reinterpret_cast<std::uintptr_t>(memory));
}

cudaError_t allocate(void** memory, std::size_t bytes, const void* code) {
  *memory = bytes == 0 ? nullptr : emulation::allocate_device(bytes, code);
  return remember(bytes != 0 && *memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess);
}

void check_direction(const void* to, const void* from, cudaMemcpyKind kind) {
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  if (kind != cudaMemcpyDefault && (on_device(to) != to_device || on_device(from) != from_device))
    emulation::fault("copy", "the direction does not fit the pointers");
}

void copy_now(void* to, const void* from, std::size_t bytes) {
  if (bytes == 0) return;
  if (on_device(to)) emulation::require_allocated(to, bytes, "copy to the device");
  if (on_device(from)) emulation::trace::require_defined(from, bytes, "copy from the device");
  emulation::DeviceMode device(emulation::DeviceMode::library);
  std::memmove(to, from, bytes);
  emulation::trace::define(to, bytes);
}

// `height` rows of `width` bytes each.
struct Copy {
  void* to;
  const void* from;
  std::size_t to_pitch, from_pitch, width, height;

  template <class Rows>
  void each_row(Rows rows) const {
    for (std::size_t i = 0; i < height; ++i)
      rows(static_cast<char*>(to) + i * to_pitch, static_cast<const char*>(from) + i * from_pitch);
  }
};

// Pageable: the real call has taken the data to a staging buffer when it returns.
cudaError_t copy_from_pageable(const Copy& copy, cudaStream_t stream) {
  auto staged = std::make_shared<std::vector<char>>();
  copy.each_row(
      [&](char*, const char* from) { staged->insert(staged->end(), from, from + copy.width); });
  return emulation::enqueue(stream, [copy, staged] {
    const char* from = staged->data();
    copy.each_row([&](char* to, const char*) {
      copy_now(to, from, copy.width);
      from += copy.width;
    });
  });
}

// A graph may be launched when the memory that it was recorded with is gone.
void require_pinned(const void* host) {
  if (!pinned(host))
    emulation::fault("use after free", "a graph copies to or from freed host memory");
}

}  // namespace

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  const emulation::Turn my_turn;
  if (const auto error = emulation::refuse_while_capturing(); error != cudaSuccess) return error;
  return allocate(memory, bytes, __builtin_return_address(0));
}
cudaError_t cudaMallocAsync(void** memory, std::size_t bytes, cudaStream_t stream) {
  const emulation::Turn my_turn;
  emulation::refuse_as_unsupported(stream, "cudaMallocAsync");
  return allocate(memory, bytes, __builtin_return_address(0));
}
cudaError_t cudaFree(void* memory) {
  const emulation::Turn my_turn;
  if (const auto error = emulation::refuse_while_capturing(); error != cudaSuccess) return error;
  emulation::drain_all(false);  // the real one waits for the device, too
  emulation::free_device(memory, __builtin_return_address(0));
  return cudaSuccess;
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t stream) {
  const emulation::Turn my_turn;
  emulation::refuse_as_unsupported(stream, "cudaFreeAsync");
  const void* code = __builtin_return_address(0);
  return emulation::enqueue(stream, [memory, code] { emulation::free_device(memory, code); });
}
cudaError_t cudaHostAlloc(void** memory, std::size_t bytes, unsigned) {
  const emulation::Turn my_turn;
  if (const auto error = emulation::refuse_while_capturing(); error != cudaSuccess) return error;
  *memory = emulation::allocate_pinned(bytes);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  return cudaHostAlloc(memory, bytes, 0);
}
cudaError_t cudaFreeHost(void* memory) {
  const emulation::Turn my_turn;
  if (const auto error = emulation::refuse_while_capturing(); error != cudaSuccess) return error;
  emulation::drain_all(false);
  emulation::free_pinned(memory);
  return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const emulation::Turn my_turn;
  if (const auto error = emulation::refuse_while_capturing(); error != cudaSuccess) return error;
  // The default stream waits for the others, not for cudaStreamNonBlocking ones.
  emulation::drain_all(true);
  check_direction(to, from, kind);
  copy_now(to, from, bytes);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  return cudaMemcpy2DAsync(to, bytes, from, bytes, bytes, bytes == 0 ? 0 : 1, kind, stream);
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind kind, cudaStream_t stream) {
  const emulation::Turn my_turn;
  const bool capturing = emulation::live(stream).capture != nullptr;
  if (width == 0 || height == 0) return cudaSuccess;
  if (width > to_pitch || width > from_pitch) return remember(cudaErrorInvalidValue);
  check_direction(to, from, kind);
  const Copy copy{to, from, to_pitch, from_pitch, width, height};
  const bool to_host = !on_device(to), from_host = !on_device(from);
  if (capturing && ((to_host && !pinned(to)) || (from_host && !pinned(from))))
    return emulation::refuse_on(stream);
  if (from_host && !pinned(from)) return copy_from_pageable(copy, stream);
  const auto announce = [=] {
    if (capturing && to_host) require_pinned(to);
    if (capturing && from_host) require_pinned(from);
    copy.each_row([&](char* to_row, const char* from_row) {
      if (to_host) emulation::expect_write(to_row, width);
      if (from_host) emulation::expect_read(from_row, width);
    });
  };
  const auto run = [=] {
    copy.each_row([&](char* to_row, const char* from_row) {
      if (to_host) emulation::allow_write(to_row, width);
      if (from_host) emulation::allow_read(from_row, width);
      copy_now(to_row, from_row, width);
    });
  };
  return emulation::enqueue(stream, run, announce);
}

cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t bytes, cudaStream_t stream) {
  const emulation::Turn my_turn;
  return emulation::enqueue(stream, [=] {
    if (bytes == 0) return;
    emulation::require_allocated(memory, bytes, "memset");
    emulation::DeviceMode device(emulation::DeviceMode::library);
    std::memset(memory, value, bytes);
    emulation::trace::define(memory, bytes);
  });
}
