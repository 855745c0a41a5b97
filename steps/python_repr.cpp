#include "steps/python_repr.hpp"

#include <cmath>

#include "steps/csv/number_print.hpp"

namespace gradstep {

std::string python_repr(double value) {
  if (std::isnan(value)) return "nan";
  std::string text(csv::longest_number, ' ');
  text.resize(static_cast<std::size_t>(csv::print(text.data(), value) - text.data()));
  return text;
}

}  // namespace gradstep
