#pragma once

#include "emulated/types.h"

namespace emulation {

/// Keeps an error for cudaGetLastError(), and hands it on.
cudaError_t remember(cudaError_t error);

}  // namespace emulation
