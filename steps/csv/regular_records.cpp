#include "steps/csv/regular_records.hpp"

#include "kernels/core/cpu.hpp"
#include "steps/csv/regular_loops.hpp"

namespace gradstep::csv {

SplitRegular baseline_split_regular() { return split_regular_steps; }

#ifdef GRADSTEP_AVX512
bool takes_avx512_vbmi2() { return has_x86_64_v4() && has_avx512_vbmi2(); }
#else
bool takes_avx512_vbmi2() { return false; }

SplitRegular avx512_split_regular() { return split_regular_steps; }
#endif

SplitRegular split_regular() {
  static const SplitRegular chosen =
      takes_avx512_vbmi2() ? avx512_split_regular() : baseline_split_regular();
  return chosen;
}

}  // namespace gradstep::csv
