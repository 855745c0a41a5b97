#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "steps/device_choice.hpp"

namespace gradstep {

/// The flags every program has.
struct CommonOptions {
  Device device = Device::automatic;
  int threads = 0;                 ///< 0: what the machine allows (steps/threads.hpp)
  std::int64_t device_memory = 0;  ///< bytes that data may take on a GPU; 0: what is free
  bool quiet = false;
};

/// @throws UsageError  naming `flag`, when a name comes twice
void expect_each_once(const char* flag, std::vector<std::string> names);

}  // namespace gradstep
