#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/cuda/compiler.cuh"
#include "kernels/cuda/device_buffer.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/stream.cuh"

namespace faults {

using gradstep::cuda::check;
using gradstep::cuda::DeviceBuffer;
using gradstep::cuda::dynamic_shared;
using gradstep::cuda::grid_thread;
using gradstep::cuda::PinnedBuffer;
using gradstep::cuda::Stream;
using Column = std::vector<double>;

/// What each program does wrong, by name.
using Programs = std::map<std::string, void (*)()>;
extern const Programs kernel_faults, memory_faults, call_faults, graph_faults, twins, sound_graphs;

struct Shape {
  unsigned blocks;
  unsigned threads;  // gradstep's own launch() has 256 in every block
  std::size_t shared_bytes = 0;
};
template <class... Parameters, class... Arguments>
void launch(const Shape& shape, cudaStream_t stream, void (*kernel)(Parameters...),
            Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(shape.blocks);
  config.blockDim = dim3(shape.threads);
  config.dynamicSmemBytes = shape.shared_bytes;
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...));
}

/// 64 doubles on the device, all set, and a stream.
struct Bench {
  Stream stream;
  DeviceBuffer<double> x{Column(64, 1.0), stream.get()};

  template <class... Parameters, class... Arguments>
  void run(const Shape& shape, void (*kernel)(Parameters...), Arguments... arguments) const {
    launch(shape, stream.get(), kernel, arguments...);
    stream.wait();
  }
  /// The first `count` values of x.
  [[nodiscard]] Column values(std::int64_t count = 64) const {
    Column host(static_cast<std::size_t>(count));
    x.copy_to(host);
    stream.wait();
    return host;
  }
};

inline void expect(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

}  // namespace faults
