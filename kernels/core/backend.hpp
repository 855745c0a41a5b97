#pragma once

#include <iosfwd>
#include <string>

namespace gradstep {

/// Where an algorithm runs: a run-time value, never a build-time one.
enum class Backend { cpu, cuda };

/// True when this build has the backend and this machine can run it.
[[nodiscard]] bool available(Backend backend);

/// Throws BackendUnavailable with the reason, naming `algorithm`, unless available(backend).
void expect_available(Backend backend, const char* algorithm);

std::ostream& operator<<(std::ostream& out, Backend backend);

namespace cuda {

/// What a look for a CUDA device found.
struct DeviceSearch {
  int count = 0;
  std::string name;       ///< of device 0; empty without one
  std::string reason;     ///< why count is 0; empty with a device
  bool emulated = false;  ///< no GPU, but the tests' emulation of one
};

/// Why there is no cuBLAS, which the solvers need; empty when there is. Opens it.
[[nodiscard]] std::string why_no_cublas();

/// Looks for CUDA devices; never throws for want of one. Costs a driver start where there is one.
[[nodiscard]] DeviceSearch find_devices();

}  // namespace cuda
}  // namespace gradstep
