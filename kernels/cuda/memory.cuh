#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/cuda/check.cuh"

namespace gradstep::cuda {

/// Bytes of device memory that data may take: `asked`, but no more than nine tenths of what is
/// free, which is also meant by 0.
[[nodiscard]] inline std::int64_t usable_memory(std::int64_t asked) {
  std::size_t free = 0;
  std::size_t total = 0;
  check(cudaMemGetInfo(&free, &total));
  const auto most = static_cast<std::int64_t>(free / 10 * 9);
  return asked > 0 ? std::min(asked, most) : most;
}

}  // namespace gradstep::cuda
