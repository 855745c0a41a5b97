#include "steps/tracking/retry.hpp"

#include <algorithm>
#include <cmath>

namespace gradstep {

double wait_before_retry(int retry, double factor, double jitter, double asked_for) {
  return std::max(asked_for, std::ldexp(factor / 4, retry) * jitter);
}

}  // namespace gradstep
