#pragma once

#include "kernels/cuda/launch.cuh"

namespace gradstep::cuda {

inline constexpr unsigned all_lanes = 0xffffffffu;

struct Sum {
  template <class T>
  __device__ T operator()(T a, T b) const {
    return a + b;
  }
};

/// Folds the warp's 32 values into one, in every lane, always in the same order. All must call.
template <class T, class Fold>
__device__ T warp_reduce(T value, Fold fold) {
  for (int distance = 16; distance > 0; distance /= 2)
    value = fold(value, __shfl_xor_sync(all_lanes, value, distance));
  return value;
}

/// Folds the block's values (one a thread) into one, in thread 0, always in the same order.
///
/// @param scratch  warps_per_block values of shared memory; may be used again at once
/// All threads of the block must call. Begins with a barrier.
template <class T, class Fold>
__device__ T block_reduce(T value, T* scratch, Fold fold) {
  value = warp_reduce(value, fold);
  __syncthreads();  // the readers of an earlier call are done
  if (threadIdx.x % 32 == 0) scratch[threadIdx.x / 32] = value;
  __syncthreads();  // every warp's value is there
  if (threadIdx.x == 0)
    for (int warp = 1; warp < warps_per_block; ++warp) value = fold(value, scratch[warp]);
  return value;
}

}  // namespace gradstep::cuda
