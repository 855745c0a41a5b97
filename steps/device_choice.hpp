#pragma once

#include <cstdint>
#include <string>

#include "kernels/core/backend.hpp"

namespace gradstep {

enum class Device { automatic, cuda, cpu };

/// What --device came to, for the log and metrics.json.
struct DeviceChoice {
  Backend backend = Backend::cpu;
  std::string name;       ///< of the device: the CPU's model, or the GPU's name
  std::string reason;     ///< why this one
  bool emulated = false;  ///< backend is cuda, but there is no GPU: tests only

  /// What reports call it: "cpu", "cuda" or "emulated".
  [[nodiscard]] const char* kind() const;
};

/// Picks the device. Automatic: the GPU when there is a usable one and the data (bytes of column
/// data) repay its start, else the CPU; small data never touch the driver.
/// needs_cublas: a GPU without cuBLAS is of no use.
/// @throws BackendUnavailable for Device::cuda without a usable GPU
[[nodiscard]] DeviceChoice choose_device(Device asked, std::int64_t data_bytes,
                                         bool needs_cublas = false);

/// "device: cpu (<model>): <reason>": the line of the log.
[[nodiscard]] std::string describe(const DeviceChoice& choice);

}  // namespace gradstep
