#pragma once

#include <cstdint>

#include "kernels/cuda/check.cuh"

namespace gradstep::cuda {

/// Bytes of device memory that may be taken: `asked`, or when that is 0 nine tenths of what is
/// free.
[[nodiscard]] inline std::int64_t usable_memory(std::int64_t asked) {
  if (asked > 0) return asked;
  std::size_t free = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free, &total));
  return static_cast<std::int64_t>(free / 10 * 9);
}

}  // namespace gradstep::cuda
