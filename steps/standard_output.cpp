#include "steps/standard_output.hpp"

#include <cerrno>
#include <cstdio>
#include <iostream>

#include "steps/error.hpp"

namespace gradstep {

void flush_standard_output() {
  errno = 0;
  const bool whole = std::cout.flush().good() && std::fflush(stdout) == 0;
  if (!whole && errno != EPIPE) throw IoError("write", "standard output", errno);
  std::cout.clear();  // or the next call would find an error without a reason
}

}  // namespace gradstep
