// What must not happen between the begin and the end of a capture, and to graphs afterwards.
#include <thrust/fill.h>
#include <thrust/system/cuda/execution_policy.h>

#include "bench.cuh"
#include "kernels/cuda/cublas.cuh"
#include "kernels/cuda/graph.cuh"

namespace faults {
namespace {

using gradstep::cuda::Cublas;
using gradstep::cuda::Event;
using gradstep::cuda::Graph;

__global__ void add_one_kernel(double* x) { x[threadIdx.x] += 1; }

void queue_one(const Bench& b) { launch({1, 64}, b.stream.get(), add_one_kernel, b.x.data()); }

cudaGraph_t captured(const Bench& b) {
  cudaGraph_t graph = nullptr;
  check(cudaStreamBeginCapture(b.stream.get(), cudaStreamCaptureModeGlobal));
  queue_one(b);
  check(cudaStreamEndCapture(b.stream.get(), &graph));
  return graph;
}

}  // namespace

const Programs graph_faults = {
    {"wait_during_capture",
     [] {
       const Bench b;
       const Graph graph(b.stream.get(), [&] { b.stream.wait(); });
     }},
    {"wait_during_capture_unchecked",
     [] {
       const Bench b;
       const Graph graph(b.stream.get(), [&] {
         (void)cudaStreamSynchronize(b.stream.get());
         (void)cudaGetLastError();
       });
     }},
    {"launch_after_wait_during_capture",
     [] {
       const Bench b;
       const Graph graph(b.stream.get(), [&] {
         (void)cudaDeviceSynchronize();
         queue_one(b);
       });
     }},
    {"allocation_during_capture",
     [] {
       const Bench b;
       const Graph graph(b.stream.get(), [] { const PinnedBuffer<double> host(64); });
     }},
    {"async_allocation_during_capture",
     [] {
       const Bench b;
       const Graph graph(b.stream.get(),
                         [&] { const DeviceBuffer<double> more(64, b.stream.get()); });
     }},
    {"pageable_copy_during_capture",
     [] {
       const Bench b;
       Column host(64);
       const Graph graph(b.stream.get(), [&] { b.x.copy_to(host); });
     }},
    {"thrust_during_capture",
     [] {
       const Bench b;
       const Graph graph(b.stream.get(), [&] {
         thrust::fill_n(thrust::cuda::par_nosync.on(b.stream.get()), b.x.data(), 64, 0.0);
       });
     }},
    {"cublas_handle_during_capture",
     [] {
       const Bench b;
       const Graph graph(b.stream.get(), [&] {
         const Stream other;
         const Cublas blas(other.get());
       });
     }},
    {"foreign_event_during_capture",
     [] {
       const Bench b;
       const Stream other;
       const Event event;
       event.record(other.get());
       const Graph graph(b.stream.get(), [&] { event.hold(b.stream.get()); });
     }},
    {"end_of_no_capture",
     [] {
       const Bench b;
       cudaGraph_t graph = nullptr;
       check(cudaStreamEndCapture(b.stream.get(), &graph));
     }},
    {"capture_not_ended",
     [] {
       const Stream stream;
       check(cudaStreamBeginCapture(stream.get(), cudaStreamCaptureModeThreadLocal));
     }},
    {"leaked_graph", [] { (void)captured(Bench()); }},
    {"leaked_graph_instance",
     [] {
       const cudaGraph_t graph = captured(Bench());
       cudaGraphExec_t instance = nullptr;
       check(cudaGraphInstantiate(&instance, graph, 0));
       check(cudaGraphDestroy(graph));
     }},
    {"graph_after_free",
     [] {
       const Bench b;
       auto x = std::make_unique<DeviceBuffer<double>>(Column(64), b.stream.get());
       const Graph graph(b.stream.get(),
                         [&] { launch({1, 64}, b.stream.get(), add_one_kernel, x->data()); });
       graph.launch(b.stream.get());
       x.reset();
       graph.launch(b.stream.get());
       b.stream.wait();
     }},
    {"graph_copy_after_free",
     [] {
       const Bench b;
       auto host = std::make_unique<PinnedBuffer<double>>(64);
       const Graph graph(b.stream.get(), [&] { b.x.copy_to(host->span()); });
       host.reset();
       graph.launch(b.stream.get());
     }},
    {"missing_wait_after_graph",
     [] {
       const Bench b;
       const PinnedBuffer<double> host(64);
       const Graph graph(b.stream.get(), [&] { b.x.copy_to(host.span()); });
       graph.launch(b.stream.get());
       std::printf("%g\n", host.span()[0]);
       b.stream.wait();
     }},
};

}  // namespace faults
