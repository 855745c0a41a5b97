#pragma once

#include <chrono>
#include <utility>

namespace gradstep {

/// Wall-clock time of a step's parts.
class Stopwatch {
 public:
  /// Seconds since the last call, or since the start.
  double lap() {
    const auto now = Clock::now();
    return seconds_between(std::exchange(last_, now), now);
  }
  [[nodiscard]] double total() const { return seconds_between(start_, Clock::now()); }

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  }
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
};

}  // namespace gradstep
