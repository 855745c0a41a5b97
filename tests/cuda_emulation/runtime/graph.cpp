#include "runtime/graph.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emulated/runtime_api.h"
#include "runtime/error.hpp"
#include "runtime/fault.hpp"
#include "runtime/handles.hpp"
#include "runtime/stream.hpp"
#include "runtime/turn.hpp"

struct CUgraph_st {
  std::vector<emulation::Work> work;
};
struct CUgraphExec_st {
  std::vector<emulation::Work> work;
};

namespace emulation {
namespace {

Handles<cudaGraph_t> graphs("graphs");
Handles<cudaGraphExec_t> instances("instances of graphs");

template <class Which>
cudaError_t refuse_if(Which which) {
  const Turn my_turn;
  bool refused = false;
  for (cudaStream_t stream : live_streams()) {
    if (stream->capture == nullptr || !which(*stream->capture)) continue;
    stream->capture->spoilt = true;
    refused = true;
  }
  return remember(refused ? cudaErrorStreamCaptureUnsupported : cudaSuccess);
}

}  // namespace

cudaError_t refuse_on(cudaStream_t stream) {
  return spoil(stream, cudaErrorStreamCaptureUnsupported);
}

cudaError_t refuse_while_capturing() {
  return refuse_if([](const Capture& capture) {
    return capture.mode == cudaStreamCaptureModeGlobal ||
           (capture.mode == cudaStreamCaptureModeThreadLocal &&
            capture.thread == std::this_thread::get_id());
  });
}

cudaError_t refuse_for_device() {
  return refuse_if([](const Capture&) { return true; });
}

cudaError_t spoil(cudaStream_t stream, cudaError_t error) {
  const Turn my_turn;
  CUstream_st& s = live(stream);
  if (s.capture == nullptr) return cudaSuccess;
  s.capture->spoilt = true;
  return remember(error);
}

void refuse_as_unsupported(cudaStream_t stream, const char* call) {
  if (live(stream).capture != nullptr)
    fault("graph", std::string(call) + " inside a capture is not supported by the emulation");
}

}  // namespace emulation

using emulation::graphs;
using emulation::instances;
using emulation::remember;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  const emulation::Turn my_turn;
  CUstream_st& s = emulation::live(stream);
  if (s.capture != nullptr) return emulation::spoil(stream, cudaErrorIllegalState);
  s.capture = std::make_unique<emulation::Capture>();
  s.capture->mode = mode;
  s.capture->thread = std::this_thread::get_id();
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const emulation::Turn my_turn;
  *graph = nullptr;
  const std::unique_ptr<emulation::Capture> capture = std::move(emulation::live(stream).capture);
  if (capture == nullptr) return remember(cudaErrorIllegalState);
  if (capture->spoilt) return remember(cudaErrorStreamCaptureInvalidated);
  *graph = graphs.make();
  (*graph)->work = std::move(capture->work);
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  const emulation::Turn my_turn;
  const auto& capture = emulation::live(stream).capture;
  *status = capture == nullptr ? cudaStreamCaptureStatusNone
            : capture->spoilt  ? cudaStreamCaptureStatusInvalidated
                               : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* instance, cudaGraph_t graph, unsigned long long) {
  const emulation::Turn my_turn;
  *instance = instances.make();
  (*instance)->work = graphs.live(graph).work;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t instance, cudaStream_t stream) {
  const emulation::Turn my_turn;
  for (const emulation::Work& work : instances.live(instance).work)
    if (const cudaError_t error = emulation::enqueue(stream, work.run, work.announce);
        error != cudaSuccess)
      return error;
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const emulation::Turn my_turn;
  graphs.destroy(graph);
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t instance) {
  const emulation::Turn my_turn;
  instances.destroy(instance);
  return cudaSuccess;
}
