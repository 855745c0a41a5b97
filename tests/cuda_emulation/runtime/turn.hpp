#pragma once

#include <mutex>

namespace emulation {

/// Threads of the host take turns: one call of the API at a time, with all that it runs. Every API
/// function that touches shared state begins with a Turn.
class Turn {
 private:
  static inline std::recursive_mutex one_at_a_time;
  std::lock_guard<std::recursive_mutex> lock_{one_at_a_time};
};

}  // namespace emulation
