#include "kernels/core/cpu.hpp"
#include "kernels/tile_loops.hpp"

namespace gradstep {

const TileSums& baseline_tile_sums() { return tile_loops; }

// Loops for AVX-512 fuse products and sums: their bits are those of a baseline that does so too.
#if defined(GRADSTEP_AVX512) && defined(__FMA__)
bool takes_avx512() { return has_x86_64_v4(); }
#else
bool takes_avx512() { return false; }

#ifndef GRADSTEP_AVX512
const TileSums& avx512_tile_sums() { return tile_loops; }
#endif
#endif

const TileSums& tile_sums() {
  static const TileSums& chosen = takes_avx512() ? avx512_tile_sums() : baseline_tile_sums();
  return chosen;
}

}  // namespace gradstep
