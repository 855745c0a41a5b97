#include "steps/reg_rates.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string_view>

#include "steps/error.hpp"
#include "steps/flag_values.hpp"
#include "steps/python_repr.hpp"

namespace gradstep {
namespace {

constexpr int most_rates = 1000;

[[noreturn]] void refuse(std::string_view found, const std::string& why) {
  throw UsageError("--reg_rates: found '" + std::string(found) + "', " + why);
}

std::vector<std::string_view> fields(std::string_view text) {
  std::vector<std::string_view> found;
  found.reserve(static_cast<std::size_t>(std::ranges::count(text, ',')) + 1);
  while (true) {
    const std::size_t comma = text.find(',');
    found.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return found;
    text.remove_prefix(comma + 1);
  }
}

// The steps of numpy.linspace.
std::vector<double> powers_of_ten(double first, double last, std::int64_t count) {
  const double step = (last - first) / static_cast<double>(std::max<std::int64_t>(count - 1, 1));
  std::vector<double> powers(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < powers.size(); ++i) {
    const bool end = i > 0 && i + 1 == powers.size();
    powers[i] = std::pow(10.0, end ? last : static_cast<double>(i) * step + first);
  }
  return powers;
}

std::vector<double> parse_logspace(std::string_view text, std::string_view inside) {
  const std::vector<std::string_view> parts = fields(inside);
  if (parts.size() == 3) {
    const std::optional<double> first = parse_real(parts[0]);
    const std::optional<double> last = parse_real(parts[1]);
    const std::optional<std::int64_t> count = parse_integer(parts[2]);
    if (first && last && count && *count >= 1 && *count <= most_rates)
      return powers_of_ten(*first, *last, *count);
  }
  refuse(text, "expected logspace(A,B,N) with N from 1 to " + std::to_string(most_rates) +
                   ", such as logspace(-4,4,32)");
}

std::vector<double> parse_list(std::string_view text) {
  const std::vector<std::string_view> parts = fields(text);
  if (std::ssize(parts) > most_rates)
    throw UsageError("--reg_rates: found " + std::to_string(parts.size()) + " rates, expected " +
                     std::to_string(most_rates) + " at most");
  std::vector<double> rates;
  rates.reserve(parts.size());
  for (const std::string_view part : parts) {
    const std::optional<double> rate = parse_real(part);
    if (!rate) refuse(part, "expected numbers between commas, or logspace(A,B,N)");
    rates.push_back(*rate);
  }
  return rates;
}

void expect_usable_rates(std::vector<double> rates) {
  for (const double rate : rates)
    if (!(rate > 0) || !std::isfinite(rate) || !std::isfinite(1 / rate))
      refuse(python_repr(rate),
             "expected finite numbers greater than 0 whose inverse, C, is finite");
  std::ranges::sort(rates);
  const auto twice = std::ranges::adjacent_find(rates);
  if (twice != rates.end()) refuse(python_repr(*twice), "which is there twice");
}

}  // namespace

std::vector<double> parse_reg_rates(const std::string& text) {
  constexpr std::string_view opening = "logspace(";
  const std::string_view whole = trimmed(text);
  std::vector<double> rates;
  if (whole.starts_with(opening) && whole.ends_with(')')) {
    const std::size_t inside = whole.size() - opening.size() - 1;
    rates = parse_logspace(whole, whole.substr(opening.size(), inside));
  } else {
    rates = parse_list(whole);
  }
  expect_usable_rates(rates);
  return rates;
}

}  // namespace gradstep
