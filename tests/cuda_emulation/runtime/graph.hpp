#pragma once

// Graphs made by capture: what a stream records, and what a real device forbids meanwhile. A call
// that is forbidden spoils the capture, returns an error and does nothing else.

#include "emulated/types.h"

namespace emulation {

/// For a call that waits for `stream` or asks how far it is: forbidden while it captures.
cudaError_t refuse_on(cudaStream_t stream);

/// For a call that may wait for the whole device (allocation, release, queries of events):
/// forbidden while this thread captures, or any thread in global mode; relaxed mode forbids
/// nothing.
cudaError_t refuse_while_capturing();

/// For a call that waits for the whole device by definition: forbidden while any stream captures.
cudaError_t refuse_for_device();

/// Spoils a stream's capture, if there is one.
cudaError_t spoil(cudaStream_t stream, cudaError_t error);

/// Faults on calls that a capture may hold on a real device, but not here.
void refuse_as_unsupported(cudaStream_t stream, const char* call);

}  // namespace emulation
