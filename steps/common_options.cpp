#include "steps/common_options.hpp"

#include <algorithm>

#include "steps/error.hpp"

namespace gradstep {

void expect_each_once(const char* flag, std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    throw UsageError(std::string(flag) + ": '" + *twice + "' is named twice");
}

}  // namespace gradstep
