#include "kernels/tile_loops.hpp"

namespace gradstep {

const TileSums& baseline_tile_sums() { return tile_loops; }

#ifdef GRADSTEP_AVX512
bool cpu_has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#else
bool cpu_has_avx512() { return false; }

const TileSums& avx512_tile_sums() { return tile_loops; }
#endif

const TileSums& tile_sums() {
  static const TileSums& chosen = cpu_has_avx512() ? avx512_tile_sums() : baseline_tile_sums();
  return chosen;
}

}  // namespace gradstep
