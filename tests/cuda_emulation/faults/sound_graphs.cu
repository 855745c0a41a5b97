// Graphs as they should be used: what runs when, and with which arguments.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <thread>

#include "bench.cuh"
#include "kernels/cuda/cublas.cuh"
#include "kernels/cuda/graph.cuh"

namespace faults {
namespace {

using gradstep::cuda::Cublas;
using gradstep::cuda::Graph;

__global__ void add_kernel(double* x, double value) { x[threadIdx.x] += value; }

bool all_are(const Column& values, double wanted) {
  return std::all_of(values.begin(), values.end(), [&](double v) { return v == wanted; });
}

cudaStreamCaptureStatus status(const Stream& stream) {
  cudaStreamCaptureStatus found{};
  check(cudaStreamIsCapturing(stream.get(), &found));
  return found;
}

void runs_when_launched() {
  const Bench b;
  double value = 2;
  const Graph graph(b.stream.get(), [&] {
    expect(status(b.stream) == cudaStreamCaptureStatusActive, "it captures");
    launch({1, 64}, b.stream.get(), add_kernel, b.x.data(), value);
  });
  value = 100;  // the recording has its own
  expect(status(b.stream) == cudaStreamCaptureStatusNone, "the capture is over");
  expect(all_are(b.values(), 1), "capturing runs nothing");

  for (int i = 0; i < 3; ++i) graph.launch(b.stream.get());

  expect(all_are(b.values(), 7), "each launch adds the recorded 2");
}

void keeps_the_order() {
  Bench b;
  const DeviceBuffer<double> saved(64, b.stream.get());
  const PinnedBuffer<double> in(64), out(64);
  const Graph graph(b.stream.get(), [&] {
    b.x.copy_from(in.span());
    launch({1, 64}, b.stream.get(), add_kernel, b.x.data(), 1.0);
    check(cudaMemcpyAsync(saved.data(), b.x.data(), 64 * 8, cudaMemcpyDeviceToDevice,
                          b.stream.get()));
    b.x.set_to_zero();
    saved.copy_to(out.span());
  });

  for (const double value : {5.0, 6.0}) {
    std::ranges::fill(in.span(), value);
    graph.launch(b.stream.get());
    b.stream.wait();
    expect(out.span()[63] == value + 1, "what was in pinned memory at the launch");
    expect(all_are(b.values(), 0), "the memset comes last");
  }
}

void holds_cublas() {
  const Bench b;
  const DeviceBuffer<double> sum(Column(1, 0.0), b.stream.get());
  const Cublas blas(b.stream.get());
  const Graph graph(b.stream.get(), [&] { blas.add_gram(b.x.data(), 64, 1, 64, sum.data()); });
  graph.launch(b.stream.get());
  graph.launch(b.stream.get());

  Column host(1);
  sum.copy_to(host);
  b.stream.wait();
  expect(host[0] == 128, "two sums of 64 ones");
}

void survives_an_exception() {
  const Bench b;
  bool thrown = false;
  try {
    const Graph graph(b.stream.get(), [&] {
      launch({1, 64}, b.stream.get(), add_kernel, b.x.data(), 1.0);
      throw std::runtime_error("planned");
    });
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  expect(thrown && status(b.stream) == cudaStreamCaptureStatusNone, "the capture was ended");
  expect(cudaGetLastError() == cudaSuccess, "no error is left over");
  b.run({1, 64}, add_kernel, b.x.data(), 3.0);
  expect(all_are(b.values(), 4), "the stream is usable, and nothing of the recording ran");
}

void outlives_its_instance() {
  const Bench b;
  const Stream other;  // need not be the stream of the recording
  b.stream.wait();
  std::optional<Graph> graph;
  graph.emplace(b.stream.get(),
                [&] { launch({1, 64}, b.stream.get(), add_kernel, b.x.data(), 1.0); });
  graph->launch(other.get());
  graph.reset();
  other.wait();
  expect(all_are(b.values(), 2), "a run that was launched goes on");
}

void lets_others_work() {
  const Bench b;
  const Bench other;
  check(cudaStreamBeginCapture(b.stream.get(), cudaStreamCaptureModeRelaxed));
  {
    const PinnedBuffer<double> host(1);  // relaxed: may allocate
    other.run({1, 64}, add_kernel, other.x.data(), 1.0);
  }
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(b.stream.get(), &graph));
  check(cudaGraphDestroy(graph));
  expect(all_are(other.values(), 2), "another stream runs meanwhile");
}

void forbids_its_own_thread_only() {
  const Bench b;
  const Graph graph(b.stream.get(), [&] {
    launch({1, 64}, b.stream.get(), add_kernel, b.x.data(), 1.0);
    std::thread([] { const PinnedBuffer<double> host(1); }).join();
  });
  graph.launch(b.stream.get());
  expect(all_are(b.values(), 2), "the capture goes on");
}

__global__ void reverse_kernel(double* x) {
  __shared__ double s[64];
  s[threadIdx.x] = x[threadIdx.x];
  __syncthreads();  // every value is there
  x[threadIdx.x] = s[63 - threadIdx.x];
}

// Host threads with streams of their own, side by side.
void serves_several_threads() {
  const auto work = [](bool& right) {
    const Bench b;
    launch({1, 1}, b.stream.get(), add_kernel, b.x.data(), 1.0);
    const Graph graph(b.stream.get(),
                      [&] { launch({1, 64}, b.stream.get(), reverse_kernel, b.x.data()); });
    for (int i = 0; i < 21; ++i) graph.launch(b.stream.get());
    const Column values = b.values();
    right = values[63] == 2 && values[0] == 1;
  };
  std::array<bool, 3> right{};
  {
    std::vector<std::jthread> threads;
    for (bool& answer : right) threads.emplace_back(work, std::ref(answer));
  }
  expect(right[0] && right[1] && right[2], "each thread has its own values");
}

}  // namespace

const Programs sound_graphs = {
    {"sound_graphs",
     [] {
       runs_when_launched();
       keeps_the_order();
       holds_cublas();
       survives_an_exception();
       outlives_its_instance();
       lets_others_work();
       forbids_its_own_thread_only();
       serves_several_threads();
     }},
};

}  // namespace faults
