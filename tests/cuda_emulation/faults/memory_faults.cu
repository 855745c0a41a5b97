// Faults about whose memory it is, whether it was written, and when.
#include <cstdio>
#include <cstring>

#include "bench.cuh"

namespace faults {
namespace {

__global__ void copy_one_kernel(const double* from, double* to) {
  to[threadIdx.x] = from[threadIdx.x];
}

}  // namespace

const Programs memory_faults = {
    {"host_reads_device",
     [] {
       const Bench b;
       b.stream.wait();
       std::printf("%g\n", b.x.data()[3]);
     }},
    {"host_writes_device",
     [] {
       const Bench b;
       b.stream.wait();
       b.x.data()[3] = 1;
     }},
    {"host_memcpy_of_device",
     [] {
       const Bench b;
       b.stream.wait();
       double copy[4];
       std::memcpy(copy, b.x.data(), sizeof copy);
       std::printf("%g\n", copy[2]);
     }},
    {"device_reads_host",
     [] {
       const Bench b;
       const Column host(64, 1.0);
       b.run({1, 64}, copy_one_kernel, host.data(), b.x.data());
     }},
    {"device_writes_host",
     [] {
       const Bench b;
       Column host(64, 1.0);
       b.run({1, 64}, copy_one_kernel, b.x.data(), host.data());
     }},
    {"uninitialised_global",
     [] {
       const Bench b;
       const DeviceBuffer<double> unset(64, b.stream.get());
       b.run({1, 64}, copy_one_kernel, unset.data(), b.x.data());
     }},
    {"uninitialised_copy",
     [] {
       const Bench b;
       const DeviceBuffer<double> unset(64, b.stream.get());
       Column host(64);
       unset.copy_to(host);
       b.stream.wait();
       std::printf("%g\n", host[0]);
     }},
    {"missing_wait",
     [] {
       const Bench b;
       Column host(64);
       b.x.copy_to(host);
       std::printf("%g\n", host[0]);
     }},
    {"missing_wait_pinned",
     [] {
       const Bench b;
       const PinnedBuffer<double> host(64);
       b.x.copy_to(host.span());
       std::printf("%g\n", host.span()[0]);
       b.stream.wait();
     }},
    {"source_changed_too_early",
     [] {
       Bench b;
       const PinnedBuffer<double> host(64);
       for (double& v : host.span()) v = 1;
       b.x.copy_from(host.span());
       host.span()[0] = 2;
       b.stream.wait();
     }},
    {"missing_event",
     [] {  // two streams, no order between them
       const Bench b;
       const Stream other;
       const DeviceBuffer<double> out(64, b.stream.get());
       launch({1, 64}, b.stream.get(), copy_one_kernel, b.x.data(), out.data());
       Column host(64);
       check(cudaMemcpyAsync(host.data(), out.data(), 64 * 8, cudaMemcpyDeviceToHost, other.get()));
       other.wait();
       std::printf("%g\n", host[0]);
     }},
    {"use_after_free",
     [] {
       const Bench b;
       const double* freed = DeviceBuffer<double>(Column(64), b.stream.get()).data();
       b.run({1, 64}, copy_one_kernel, freed, b.x.data());
     }},
    {"double_free",
     [] {
       const Stream stream;
       double* p = nullptr;
       check(cudaMallocAsync(&p, 64, stream.get()));
       check(cudaFreeAsync(p, stream.get()));
       check(cudaFreeAsync(p, stream.get()));
       stream.wait();
     }},
    {"leak",
     [] {
       const Stream stream;
       double* p = nullptr;
       check(cudaMallocAsync(&p, 64, stream.get()));
     }},
    {"wrong_direction",
     [] {
       const Bench b;
       Column host(64);
       check(cudaMemcpyAsync(host.data(), b.x.data(), 8, cudaMemcpyHostToDevice, b.stream.get()));
     }},
    {"copy_too_long",
     [] {
       const Bench b;
       Column host(65);
       check(cudaMemcpyAsync(host.data(), b.x.data(), 65 * 8, cudaMemcpyDeviceToHost,
                             b.stream.get()));
       b.stream.wait();
     }},
};

}  // namespace faults
