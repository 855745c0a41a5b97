#pragma once

#include <array>

#include "steps/labels.hpp"

namespace gradstep {

/// NumPy's name of the type that labels of this kind have: int64, …; str for text.
[[nodiscard]] inline const char* numpy_type(const ClassValue& value) {
  constexpr std::array names = {"bool", "int64", "uint64", "float64", "str"};  // as in ClassValue
  static_assert(names.size() == std::variant_size_v<ClassValue>);
  return names[value.index()];
}

}  // namespace gradstep
