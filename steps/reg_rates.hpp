#pragma once

#include <string>
#include <vector>

namespace gradstep {

/// The rates of --reg_rates, in the order in which they stand: numbers between commas, or
/// logspace(A,B,N), N powers of ten whose exponents go from A to B in equal steps. Blanks, tabs
/// and line ends around a number do not count.
///
/// @throws UsageError  when the text is neither, or a rate is not above 0, or so small or large
///                     that it or its inverse is infinite, or comes twice; names the flag
///
/// Agreement: numpy.logspace(A, B, N) to the last digit or two, whose power is less exact.
[[nodiscard]] std::vector<double> parse_reg_rates(const std::string& text);

}  // namespace gradstep
