#include "kernels/core/backend.hpp"

#include <ostream>

#include "kernels/core/error.hpp"

namespace gradstep {

bool available(Backend backend) {
  return backend == Backend::cpu || cuda::find_devices().count > 0;
}

void expect_available(Backend backend, const char* algorithm) {
  if (backend == Backend::cpu) return;
  const cuda::DeviceSearch search = cuda::find_devices();
  if (search.count == 0)
    throw BackendUnavailable(std::string(algorithm) + ": no CUDA backend: " + search.reason);
}

std::ostream& operator<<(std::ostream& out, Backend backend) {
  return out << (backend == Backend::cpu ? "cpu" : "cuda");
}

}  // namespace gradstep
