#pragma once

#include <string>

namespace gradstep {

/// A number as Python's print shows it: 0.774, 1.0, 1e-05, nan.
[[nodiscard]] std::string python_repr(double value);

}  // namespace gradstep
