#include "steps/csv/print_common.hpp"

#if defined(__AVX2__) && defined(__FMA__)
#include "steps/csv/print_loops.hpp"
#else
namespace gradstep::csv {
namespace {

std::uint64_t print_common(const double* /*numbers*/, std::int64_t count, NumberText* /*texts*/) {
  return ~std::uint64_t{0} >> static_cast<unsigned>(most_at_once - count);
}

}  // namespace
}  // namespace gradstep::csv
#endif

namespace gradstep::csv {

PrintCommon baseline_print_common() { return print_common; }

#ifndef GRADSTEP_AVX512
PrintCommon avx512_print_common() { return print_common; }
#endif

}  // namespace gradstep::csv
