// Linked instead of the .cu files when there is no CUDA backend. No other file asks whether CUDA
// was built: this one answers for all of them.

#include "kernels/core/backend.hpp"

namespace gradstep::cuda {

DeviceSearch find_devices() { return {.reason = "this build has no CUDA backend"}; }

}  // namespace gradstep::cuda
