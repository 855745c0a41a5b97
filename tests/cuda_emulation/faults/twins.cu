// Sound kernels that look suspicious, and their twins, which lack one line.
#include <cstdio>

#include "bench.cuh"
#include "runtime/traffic.hpp"

namespace faults {
namespace {

// A block's threads add to their own entry; the last block to finish adds the entries up.
template <bool with_fence>
__global__ void last_block_adds_kernel(double* partials, unsigned* finished, double* sum) {
  __shared__ bool last;
  if (threadIdx.x == 0) {
    partials[blockIdx.x] = blockIdx.x + 1;
    if (with_fence) __threadfence();
    last = atomicAdd(finished, 1u) + 1 == gridDim.x;
  }
  __syncthreads();
  if (last && threadIdx.x == 0) {
    double total = 0;
    for (unsigned b = 0; b < gridDim.x; ++b) total += partials[b];
    *sum = total;
  }
}

template <bool with_fence>
void last_block() {
  const Bench b;
  const DeviceBuffer<unsigned> finished(std::vector<unsigned>{0}, b.stream.get());
  const DeviceBuffer<double> partials(5, b.stream.get());
  b.run({5, 64}, last_block_adds_kernel<with_fence>, partials.data(), finished.data(), b.x.data());
  expect(b.values(1)[0] == 15, "the sum of five blocks");
}

// Adds the mirrored x to x. A thread that keeps its value in a register reads x once.
template <bool twice>
__global__ void add_mirrored_kernel(const double* x, double* out) {
  __shared__ double mirrored[64];
  const double v = x[threadIdx.x];
  mirrored[63 - threadIdx.x] = v;
  __syncthreads();  // every value is there
  out[threadIdx.x] = mirrored[threadIdx.x] + (twice ? x[threadIdx.x] : v);
}

template <bool twice>
void add_mirrored() {
  const Bench b;
  const DeviceBuffer<double> out(64, b.stream.get());
  b.run({1, 64}, add_mirrored_kernel<twice>, b.x.data(), out.data());
  if (!emulation::tracing()) return;
  const emulation::Traffic traffic = emulation::traffic_of("add_mirrored_kernel");
  expect(traffic.launches == 1 && traffic.read_once == 64 * 8, "x must be seen whole, once");
  expect(traffic.read == traffic.read_once, "read " + std::to_string(traffic.read) +
                                                " bytes where " +
                                                std::to_string(traffic.read_once) + " would do");
  expect(traffic.written == 64 * 8 && traffic.written_once == 64 * 8, "out is written once");
}

// A warp exchanges through shared memory with __syncwarp; half warps, too; atomics collide.
__global__ void exchange_kernel(double* x, int* counter) {
  __shared__ double s[64];
  s[threadIdx.x] = threadIdx.x;
  __syncwarp();
  double v = s[threadIdx.x ^ 31];
  __syncwarp();
  const unsigned half = threadIdx.x % 32 < 16 ? 0x0000ffffu : 0xffff0000u;
  s[threadIdx.x] = v;
  __syncwarp(half);
  v += s[threadIdx.x ^ 1];
  v = __shfl_xor_sync(half, v, 8);
  atomicAdd(counter, 1);
  x[grid_thread()] = v;
}

__global__ void double_kernel(const double* from, double* to) {
  to[threadIdx.x] = 2 * from[threadIdx.x];
}

}  // namespace

const Programs twins = {
    {"last_block_without_fence", last_block<false>},
    {"sound_last_block", last_block<true>},
    {"reads_twice", add_mirrored<true>},
    {"sound_reads_once", add_mirrored<false>},
    {"sound_exchange",
     [] {
       const Bench b;
       const DeviceBuffer<int> counter(std::vector<int>{0}, b.stream.get());
       const DeviceBuffer<double> out(256, b.stream.get());
       b.run({4, 64}, exchange_kernel, out.data(), counter.data());
       std::vector<int> count(1);
       counter.copy_to(count);
       Column values(256);
       out.copy_to(values);
       b.stream.wait();
       expect(count[0] == 256, "every thread counts");
       // Thread 0 takes the value of thread 8: s[8 ^ 31] + s[9 ^ 31] = 23 + 22.
       expect(values[0] == 45 && values[192] == 45, "the exchanged values");
     }},
    {"sound_pinned",
     [] {  // a kernel may write pinned memory: one address space
       const Bench b;
       const PinnedBuffer<double> pinned(64);
       b.run({1, 64}, double_kernel, b.x.data(), pinned.span().data());
       expect(pinned.span()[63] == 2, "what the kernel wrote");
     }},
};

}  // namespace faults
