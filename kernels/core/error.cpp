#include "kernels/core/error.hpp"

#include <string>

namespace gradstep {

void expects(bool holds, std::string_view what, Where where) {
  if (holds) return;
  throw InvalidArgument(std::string(what) + " (" + where.file + ':' + std::to_string(where.line) +
                        ')');
}

}  // namespace gradstep
