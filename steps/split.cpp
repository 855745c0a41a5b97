#include "steps/split.hpp"

#include <cmath>
#include <numeric>
#include <span>
#include <string>

#include "kernels/core/error.hpp"
#include "kernels/random_state.hpp"

namespace gradstep {
namespace {

std::vector<std::uint32_t> permutation(std::int64_t n, std::uint32_t seed) {
  std::vector<std::uint32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0U);
  RandomState(seed).shuffle(std::span(order));
  return order;
}

}  // namespace

Split train_test_split(std::int64_t n, double test_size, std::uint32_t seed) {
  expects(n >= 0 && n <= std::int64_t{1} << 32, "train_test_split: 0 to 2^32 rows");
  expects(test_size > 0 && test_size < 1, "train_test_split: 0 < test_size < 1");
  const auto n_test = static_cast<std::int64_t>(std::ceil(test_size * static_cast<double>(n)));
  if (n - n_test < 1) {
    throw DataError("the data have " + std::to_string(n) + (n == 1 ? " row" : " rows") + " and " +
                    std::to_string(n_test) +
                    " of them would be for testing: none is left to "
                    "train with");
  }
  Split split;
  const std::vector<std::uint32_t> order = permutation(n, seed);
  split.test.assign(order.begin(), order.begin() + n_test);
  split.train.assign(order.begin() + n_test, order.end());
  return split;
}

}  // namespace gradstep
