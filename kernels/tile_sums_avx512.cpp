// Built for x86-64-v4: only tile_loops.hpp, which no other source shares, may come from here.

#include "kernels/tile_loops.hpp"

namespace gradstep {

const TileSums& avx512_tile_sums() { return tile_loops; }

}  // namespace gradstep
