// Faults in what the host asks for: shapes, streams, cuBLAS.
#include "bench.cuh"
#include "kernels/cuda/cublas.cuh"

namespace faults {
namespace {

__global__ void set_one_kernel(double* x) { x[threadIdx.x] = 1; }

}  // namespace

const Programs call_faults = {
    {"leaked_stream",
     [] {
       cudaStream_t stream = nullptr;
       check(cudaStreamCreate(&stream));
     }},
    {"default_stream",
     [] {
       const Bench b;
       launch({1, 64}, nullptr, set_one_kernel, b.x.data());
     }},
    {"empty_grid",
     [] {
       const Bench b;
       b.run({0, 64}, set_one_kernel, b.x.data());
     }},
    {"too_much_shared",
     [] {
       const Bench b;
       b.run({1, 64, 50000}, set_one_kernel, b.x.data());
     }},
    {"cublas_with_host_matrix",
     [] {
       const Bench b;
       const gradstep::cuda::Cublas blas(b.stream.get());
       const Column host(64, 1.0);
       blas.add_gram(host.data(), 8, 8, 8, b.x.data());
     }},
};

}  // namespace faults
