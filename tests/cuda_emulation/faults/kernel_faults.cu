// Faults inside kernels: bounds of shared memory, barriers, warps, races, uninitialised memory.
#include <cstdio>

#include "bench.cuh"

namespace faults {
namespace {

__global__ void write_one_too_many_kernel(double* x, int n) {
  const int i = threadIdx.x;
  if (i <= n) x[i] = 1;  // <
}

__global__ void static_shared_one_too_many_kernel(double* x) {
  __shared__ double s[64];
  s[threadIdx.x + 1] = 1;
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}

// Through a pointer the length is unknown.
__device__ [[gnu::noinline]] void set(double* s, int i) { s[i] = 1; }
__global__ void static_shared_by_pointer_kernel(double* x) {
  __shared__ double s[64];
  set(s, threadIdx.x + 1);
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}

__global__ void dynamic_shared_one_too_many_kernel(double* x) {
  double* s = dynamic_shared<double>();
  s[threadIdx.x + 1] = 1;
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}

__global__ void no_barrier_kernel(double* x) {
  __shared__ double s[64];
  s[threadIdx.x] = threadIdx.x;  // a barrier is missing after this
  x[threadIdx.x] = s[63 - threadIdx.x];
}

__global__ void no_second_barrier_kernel(double* x) {
  __shared__ double s[64];
  s[threadIdx.x] = threadIdx.x;
  __syncthreads();
  const double v = s[63 - threadIdx.x];
  s[threadIdx.x] = v;  // the neighbour may not have read yet
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}

__global__ void no_barrier_in_dynamic_kernel(double* x) {
  double* s = dynamic_shared<double>();
  s[threadIdx.x] = threadIdx.x;
  x[threadIdx.x] = s[63 - threadIdx.x];
}

__global__ void no_syncwarp_kernel(double* x) {
  __shared__ double s[32];
  s[threadIdx.x] = threadIdx.x;  // one warp only: __syncwarp() is missing
  x[threadIdx.x] = s[31 - threadIdx.x];
}

__global__ void barrier_in_a_branch_kernel(double* x) {
  if (threadIdx.x < 16) {
    __syncthreads();
    x[threadIdx.x] = 1;
  } else {
    __syncthreads();
    x[threadIdx.x] = 2;
  }
}

__global__ void barrier_after_return_kernel(double* x) {
  if (threadIdx.x >= 16) return;
  __syncthreads();
  x[threadIdx.x] = 1;
}

__global__ void load_pairs_kernel(const double* x, double* out) {
  const double2 pair = *reinterpret_cast<const double2*>(x + 1);  // 8 B off
  out[threadIdx.x] = pair.x + pair.y;
}

__global__ void reads_unset_shared_kernel(double* x) {
  __shared__ double s[64];
  if (threadIdx.x < 32) s[threadIdx.x] = 1;
  __syncthreads();
  x[threadIdx.x] = s[threadIdx.x];
}

__global__ void every_block_writes_kernel(double* x) {
  if (threadIdx.x == 0) x[0] = blockIdx.x;
}

__global__ void every_block_adds_plainly_kernel(double* x) {
  if (threadIdx.x == 0) x[0] += 1;
}

__global__ void reads_the_next_block_kernel(double* x) {
  x[grid_thread()] = 1;
  const std::int64_t n = std::int64_t{gridDim.x} * blockDim.x;
  x[n + grid_thread()] = x[(grid_thread() + blockDim.x) % n];
}

__global__ void shuffle_after_return_kernel(double* x) {
  if (threadIdx.x >= 16) return;
  x[threadIdx.x] = __shfl_down_sync(0xffffffffu, x[threadIdx.x], 1);
}

__global__ void shuffle_in_a_branch_kernel(double* x) {
  double v = x[threadIdx.x];
  if (threadIdx.x < 16) v = __shfl_down_sync(0x0000ffffu, v, 1, 32);  // lane 15 takes lane 16's
  x[threadIdx.x] = v;
}

__global__ void index_in_32_bits_kernel(double* x, int rows) {
  const int column = 70000;
  x[threadIdx.x] = column * rows;  // overflows an int
}

}  // namespace

const Programs kernel_faults = {
    {"out_of_bounds_global",
     [] {
       const Bench b;
       b.run({1, 64}, write_one_too_many_kernel, b.x.data() + 32, 32);
     }},
    {"out_of_bounds_static_shared",
     [] {
       const Bench b;
       b.run({1, 64}, static_shared_one_too_many_kernel, b.x.data());
     }},
    {"out_of_bounds_static_shared_by_pointer",
     [] {
       const Bench b;
       b.run({1, 64}, static_shared_by_pointer_kernel, b.x.data());
     }},
    {"out_of_bounds_dynamic_shared",
     [] {
       const Bench b;
       b.run({1, 64, 64 * 8}, dynamic_shared_one_too_many_kernel, b.x.data());
     }},
    {"missing_syncthreads",
     [] {
       const Bench b;
       b.run({1, 64}, no_barrier_kernel, b.x.data());
     }},
    {"missing_second_syncthreads",
     [] {
       const Bench b;
       b.run({1, 64}, no_second_barrier_kernel, b.x.data());
     }},
    {"missing_syncthreads_dynamic",
     [] {
       const Bench b;
       b.run({1, 64, 64 * 8}, no_barrier_in_dynamic_kernel, b.x.data());
     }},
    {"missing_syncwarp",
     [] {
       const Bench b;
       b.run({1, 32}, no_syncwarp_kernel, b.x.data());
     }},
    {"divergent_barrier",
     [] {
       const Bench b;
       b.run({1, 64}, barrier_in_a_branch_kernel, b.x.data());
     }},
    {"returned_before_barrier",
     [] {
       const Bench b;
       b.run({1, 64}, barrier_after_return_kernel, b.x.data());
     }},
    {"misaligned_vector_load",
     [] {
       const Bench b;
       b.run({1, 64}, load_pairs_kernel, b.x.data(), b.x.data());
     }},
    {"uninitialised_shared",
     [] {
       const Bench b;
       b.run({1, 64}, reads_unset_shared_kernel, b.x.data());
     }},
    {"blocks_write_one_place",
     [] {
       const Bench b;
       b.run({4, 32}, every_block_writes_kernel, b.x.data());
     }},
    {"blocks_add_without_atomic",
     [] {
       const Bench b;
       b.run({4, 32}, every_block_adds_plainly_kernel, b.x.data());
     }},
    {"block_reads_what_another_writes",
     [] {
       const Bench b;
       b.run({2, 16}, reads_the_next_block_kernel, b.x.data());
     }},
    {"shuffle_with_returned_lanes",
     [] {
       const Bench b;
       b.run({1, 64}, shuffle_after_return_kernel, b.x.data());
     }},
    {"shuffle_from_inactive_lane",
     [] {
       const Bench b;
       b.run({1, 32}, shuffle_in_a_branch_kernel, b.x.data());
     }},
    {"index_overflow",
     [] {
       const Bench b;
       b.run({1, 64}, index_in_32_bits_kernel, b.x.data(), 100000);
     }},
};

}  // namespace faults
