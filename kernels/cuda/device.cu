#include <cuda_runtime.h>

#include <string>

#include "kernels/core/backend.hpp"
#include "kernels/cuda/compiler.cuh"

namespace gradstep::cuda {
namespace {

constexpr int oldest_architecture = 75;  // as CMake is told (cmake/cuda.cmake)

/// "13.0" for CUDA's 13000.
std::string dotted(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string why_not(cudaError_t error) {
  if (error != cudaErrorInsufficientDriver)
    return std::string("the CUDA driver answers: ") + cudaGetErrorString(error);
  int found = 0;
  int needed = 0;
  (void)cudaDriverGetVersion(&found);
  (void)cudaRuntimeGetVersion(&needed);
  if (found == 0)
    return "no NVIDIA driver is loaded (one for CUDA " + dotted(needed) + " is needed)";
  return "the NVIDIA driver is too old: it is for CUDA " + dotted(found) + ", and CUDA " +
         dotted(needed) + " is needed";
}

}  // namespace

DeviceSearch find_devices() {
  int count = 0;
  cudaDeviceProp properties{};
  cudaError_t error = cudaGetDeviceCount(&count);
  if (error == cudaSuccess) error = cudaGetDeviceProperties(&properties, 0);
  if (error != cudaSuccess) {
    (void)cudaGetLastError();  // clear it, or the next, innocent call reports it again
    return {.count = 0, .name = {}, .reason = why_not(error)};
  }
  if (properties.major * 10 + properties.minor < oldest_architecture)
    return {.count = 0,
            .name = {},
            .reason = std::string(properties.name) + " has compute capability " +
                      std::to_string(properties.major) + "." + std::to_string(properties.minor) +
                      ", and 7.5 or newer is needed"};
  int has_pools = 0;  // what cudaMallocAsync takes from
  (void)cudaDeviceGetAttribute(&has_pools, cudaDevAttrMemoryPoolsSupported, 0);
  if (has_pools == 0)
    return {.count = 0,
            .name = {},
            .reason = std::string(properties.name) + " or its driver has no memory pools"};
  return {.count = count, .name = properties.name, .reason = {}, .emulated = emulated};
}

}  // namespace gradstep::cuda
