#include "kernels/folds.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>

#include "kernels/core/error.hpp"
#include "kernels/random_state.hpp"

namespace gradstep {
namespace {

void expect_in_range(std::int64_t rows, int folds) {
  expects(rows >= 0 && rows <= std::int64_t{1} << 32, "folds: 0 to 2^32 rows");
  expects(folds >= 2, "folds: at least two");
}

[[noreturn]] void refuse(const std::string& what, int folds) {
  throw DataError(what + ", fewer than the " + std::to_string(folds) +
                  " folds; ask for fewer folds");
}

// The rows of each class, classes by the first row they have.
std::vector<std::vector<std::int64_t>> rows_of_classes(std::span<const std::int32_t> classes) {
  std::vector<std::size_t> place;  // of each class, counted from 1; 0: not seen yet
  std::vector<std::vector<std::int64_t>> rows;
  for (std::size_t row = 0; row < classes.size(); ++row) {
    expects(classes[row] >= 0, "folds: classes are numbered from 0");
    const auto of_row = static_cast<std::size_t>(classes[row]);
    if (place.size() <= of_row) place.resize(of_row + 1);
    if (place[of_row] == 0) {
      rows.emplace_back();
      place[of_row] = rows.size();
    }
    rows[place[of_row] - 1].push_back(static_cast<std::int64_t>(row));
  }
  return rows;
}

}  // namespace

std::vector<std::int32_t> k_folds(std::int64_t rows, int folds, std::optional<std::uint32_t> seed) {
  expect_in_range(rows, folds);
  if (rows < folds) refuse("the data have " + std::to_string(rows) + " rows", folds);
  std::vector<std::uint32_t> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0U);
  if (seed) RandomState(*seed).shuffle(std::span(order));
  std::vector<std::int32_t> fold_of_row(order.size());
  auto next = order.begin();
  for (int fold = 0; fold < folds; ++fold) {
    const auto end = next + rows / folds + (fold < rows % folds ? 1 : 0);
    for (; next != end; ++next) fold_of_row[*next] = fold;
  }
  return fold_of_row;
}

std::vector<std::int32_t> stratified_folds(std::span<const std::int32_t> class_of_row, int folds,
                                           std::optional<std::uint32_t> seed) {
  expect_in_range(std::ssize(class_of_row), folds);
  const std::vector<std::vector<std::int64_t>> classes = rows_of_classes(class_of_row);
  std::int64_t most = 0;
  for (const auto& rows : classes) most = std::max(most, std::ssize(rows));
  if (most < folds)
    refuse("the largest class of the data has " + std::to_string(most) + " rows", folds);

  RandomState random(seed.value_or(0));
  std::vector<std::int32_t> fold_of_row(class_of_row.size());
  std::int64_t first = 0;  // of the class, were the rows sorted by class
  for (const auto& rows : classes) {
    // The rows sorted by class are dealt out to the folds in turn: row i to fold i % folds. That
    // says how many of a class a fold has, not which.
    std::vector<std::int32_t> of_class(rows.size());
    auto out = of_class.begin();
    for (int fold = 0; fold < folds; ++fold) {
      const std::int64_t before = (first + folds - 1 - fold) / folds;
      const std::int64_t after = (first + std::ssize(rows) + folds - 1 - fold) / folds;
      out = std::fill_n(out, after - before, fold);
    }
    if (seed) random.shuffle(std::span(of_class));
    for (std::size_t k = 0; k < rows.size(); ++k)
      fold_of_row[static_cast<std::size_t>(rows[k])] = of_class[k];
    first += std::ssize(rows);
  }
  return fold_of_row;
}

}  // namespace gradstep
