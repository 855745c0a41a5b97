#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "kernels/cuda/check.cuh"

namespace gradstep::cuda {

/// Threads of a block, in every kernel here.
inline constexpr int threads_per_block = 256;
inline constexpr int warps_per_block = threads_per_block / 32;
/// Shared memory that a block has on every device without asking for more.
inline constexpr std::int64_t shared_memory_of_block = std::int64_t{48} * 1024;

/// Pieces of `each` that cover `total`.
__host__ __device__ constexpr std::int64_t pieces(std::int64_t total, std::int64_t each) {
  return (total + each - 1) / each;
}

struct Shape {
  std::int64_t blocks;
  std::int64_t shared_bytes = 0;  ///< dynamic shared memory a block
  Where where = Where::here();    ///< the line that spells the shape, for CudaError
};

/// launch({blocks}, stream, kernel, arguments...): queues on `stream`, does not wait.
/// @throws CudaError  with the caller's line, when the shape is not legal or an argument is wrong;
///     a grid of 0 blocks is not legal
/// No `<<<...>>>`, so that any C++ compiler reads the launchers: the tests run the kernels so.
template <class... Parameters, class... Arguments>
void launch(const Shape& shape, cudaStream_t stream, void (*kernel)(Parameters...),
            Arguments&&... arguments) {
  if (shape.blocks > std::numeric_limits<std::int32_t>::max())  // would wrap around, unnoticed
    throw CudaError(cudaErrorInvalidConfiguration, shape.where);
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(static_cast<unsigned>(shape.blocks));
  config.blockDim = dim3(static_cast<unsigned>(threads_per_block));
  config.dynamicSmemBytes = static_cast<std::size_t>(shape.shared_bytes);
  config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...), shape.where);
}

/// This thread's number in the grid, in 64 bits: 32 overflow past 2^31 elements.
__device__ inline std::int64_t grid_thread() {
  return std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
}

}  // namespace gradstep::cuda
