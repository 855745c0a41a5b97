#pragma once

#include <cuda_runtime.h>

// The one place that knows which compiler reads the .cu files: nvcc for a GPU, or any C++ compiler
// with tests/cuda_emulation.

namespace gradstep::cuda {

#ifdef __CUDACC__
inline constexpr bool emulated = false;
#else
inline constexpr bool emulated = true;
#endif

/// The block's dynamic shared memory, aligned to 16 bytes. One array a kernel.
template <class T>
__device__ T* dynamic_shared() {
#ifdef __CUDACC__
  extern __shared__ __align__(16) unsigned char dynamic_shared_bytes[];
  return reinterpret_cast<T*>(dynamic_shared_bytes);
#else
  return static_cast<T*>(emulation::dynamic_shared_memory(alignof(T)));
#endif
}

}  // namespace gradstep::cuda
