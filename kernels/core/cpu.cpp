#include "kernels/core/cpu.hpp"

namespace gradstep {

#ifdef __x86_64__
bool has_x86_64_v4() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

bool has_avx512_vbmi2() { return __builtin_cpu_supports("avx512vbmi2"); }
#else
bool has_x86_64_v4() { return false; }

bool has_avx512_vbmi2() { return false; }
#endif

}  // namespace gradstep
