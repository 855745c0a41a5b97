#pragma once

#include <cstdint>

#include "steps/device_choice.hpp"

namespace gradstep {

/// The flags every program has.
struct CommonOptions {
  Device device = Device::automatic;
  int threads = 0;                 ///< 0: what the machine allows (steps/threads.hpp)
  std::int64_t device_memory = 0;  ///< bytes that data may take on a GPU; 0: what is free
  bool quiet = false;
};

}  // namespace gradstep
