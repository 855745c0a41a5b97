// Built for x86-64-v4 with VBMI2: only regular_loops.hpp, which no other source shares, may come
// from here.

#include "steps/csv/regular_loops.hpp"

namespace gradstep::csv {

SplitRegular avx512_split_regular() { return split_regular_steps; }

}  // namespace gradstep::csv
