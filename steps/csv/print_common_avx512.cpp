// Built for x86-64-v4: only print_loops.hpp, which no other source shares, may come from here.

#include "steps/csv/print_loops.hpp"

namespace gradstep::csv {

PrintCommon avx512_print_common() { return print_common; }

}  // namespace gradstep::csv
