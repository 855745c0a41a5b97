// Compiled for plain x86-64, unlike the rest: this code runs on the CPUs that it turns away.

#include "steps/cpu_baseline.hpp"

#include <unistd.h>

#include <cstring>

#include "steps/exit_code.hpp"

namespace gradstep {
namespace {

#ifdef GRADSTEP_CHECK_X86_64_V3
const char* missing_feature() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2")) return "AVX2";
  if (!__builtin_cpu_supports("fma")) return "FMA";
  if (!__builtin_cpu_supports("bmi")) return "BMI1";
  if (!__builtin_cpu_supports("bmi2")) return "BMI2";
  return nullptr;
}
#else
const char* missing_feature() { return nullptr; }
#endif

// Not std::cerr or std::string: nothing of the C++ library is initialised yet.
void print(const char* text) { (void)!::write(STDERR_FILENO, text, std::strlen(text)); }

// Priority 101 is the first that programs may use; initialisers without one come after all others.
__attribute__((constructor(101))) void turn_old_cpus_away() {
  const char* missing = missing_feature();
  if (missing == nullptr) return;
  print(
      "error: this build needs a CPU of level x86-64-v3 (Intel Haswell, AMD Zen or later); this "
      "one lacks ");
  print(missing);
  print(". Build from source with -DGRADSTEP_MARCH=x86-64 for it.\n");
  ::_exit(static_cast<int>(ExitCode::unavailable));
}

}  // namespace

void check_cpu_baseline() {}

}  // namespace gradstep
