#pragma once

// Closes memory to code that AddressSanitizer instruments; the runtime itself is not. In the other
// variants nothing happens.

#include <cstddef>
#include <cstdint>

#ifdef EMULATION_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace emulation {

inline void poison([[maybe_unused]] std::uintptr_t begin, [[maybe_unused]] std::size_t bytes) {
#ifdef EMULATION_ASAN
  __asan_poison_memory_region(reinterpret_cast<void*>(begin), bytes);
#endif
}
inline void unpoison([[maybe_unused]] std::uintptr_t begin, [[maybe_unused]] std::size_t bytes) {
#ifdef EMULATION_ASAN
  __asan_unpoison_memory_region(reinterpret_cast<void*>(begin), bytes);
#endif
}

}  // namespace emulation
