#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>

#include "kernels/core/backend.hpp"

namespace gradstep::test {

/// Skips when the backend cannot run here, or fails when GRADSTEP_REQUIRE_GPU says it must:
/// a GPU machine that skips everything would otherwise look green.
#define GRADSTEP_SKIP_UNLESS_AVAILABLE(backend)                                     \
  do {                                                                              \
    if (gradstep::available(backend)) break;                                        \
    if (std::getenv("GRADSTEP_REQUIRE_GPU") != nullptr) FAIL() << "no CUDA device"; \
    GTEST_SKIP() << "no CUDA device";                                               \
  } while (false)

/// True where the largest sizes cost minutes: under emulation, unless GRADSTEP_ALL_SIZES asks for
/// them.
inline bool spare_the_largest(Backend backend) {
  return backend == Backend::cuda && cuda::find_devices().emulated &&
         std::getenv("GRADSTEP_ALL_SIZES") == nullptr;
}

/// The same test body on every backend; `backend()` is the only thing that differs.
class EveryBackend : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { GRADSTEP_SKIP_UNLESS_AVAILABLE(backend()); }
  [[nodiscard]] static Backend backend() { return GetParam(); }
};

inline std::string backend_name(const testing::TestParamInfo<Backend>& info) {
  std::ostringstream name;
  name << info.param;
  return name.str();
}

}  // namespace gradstep::test
