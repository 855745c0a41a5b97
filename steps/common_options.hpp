#pragma once

#include "steps/device_choice.hpp"

namespace gradstep {

/// The flags every program has.
struct CommonOptions {
  Device device = Device::automatic;
  int threads = 0;  ///< 0: what the machine allows (steps/threads.hpp)
  bool quiet = false;
};

}  // namespace gradstep
