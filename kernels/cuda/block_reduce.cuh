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
/// @param scratch  threads_per_block values of shared memory; may be used again at once
/// All threads of the block must call. Begins with a barrier. One warp folds: a shuffle by all
/// eight would only make the others wait.
template <class T, class Fold>
__device__ T block_reduce(T value, T* scratch, Fold fold) {
  __syncthreads();  // the readers of an earlier call are done
  scratch[threadIdx.x] = value;
  __syncthreads();  // every thread's value is there
  if (threadIdx.x >= 32) return value;
  for (int other = 1; other < warps_per_block; ++other)
    value = fold(value, scratch[other * 32 + threadIdx.x]);
  return warp_reduce(value, fold);
}

}  // namespace gradstep::cuda
