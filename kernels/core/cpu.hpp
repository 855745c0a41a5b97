#pragma once

namespace gradstep {

/// What the CPU that runs this has, and its system lets programs use. False on other CPUs than x86.
[[nodiscard]] bool has_x86_64_v4();     ///< AVX-512 F, BW, CD, DQ and VL
[[nodiscard]] bool has_avx512_vbmi2();  ///< beyond x86-64-v4: bytes compressed by a mask

}  // namespace gradstep
