#include "kernels/gram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/core/error.hpp"
#include "tests/support/every_backend.hpp"
#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

using testing::ElementsAre;

class Gram : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(on, Gram, testing::Values(Backend::cpu, Backend::cuda), backend_name);

TEST_P(Gram, AddsUpTheProductsOfAllPairsOfColumnsAndOne) {
  const std::vector<double> a{1, 3};
  const std::vector<double> b{2, 4};
  const ColumnsInMemory<double> rows({a.data(), b.data()}, 2);
  std::vector<double> sums(9);

  gram_by_fold(rows, {}, {}, {}, sums, 1, backend());

  EXPECT_THAT(sums, ElementsAre(10, 14, 4, 14, 20, 6, 4, 6, 2));
}

TEST_P(Gram, KeepsNamedFoldsApartAndTheOthersTogether) {
  const std::vector<double> x{1, 2, 3, 4, 5};
  const std::vector<std::int32_t> folds{0, 1, 2, 7, -1};
  const ColumnsInMemory<double> rows({x.data()}, 5);
  std::vector<double> sums(12);

  gram_by_fold(rows, folds, {}, std::vector<int>{2, 0}, sums, 1, backend());

  EXPECT_THAT(sums, ElementsAre(9, 3, 3, 1, 1, 1, 1, 1, 4 + 16, 2 + 4, 2 + 4, 2));
}

TEST_P(Gram, WeighsRows) {
  const std::vector<double> x{1, 2, 3};
  const std::vector<double> weight{4, 0, 1};
  const ColumnsInMemory<double> rows({x.data()}, 3);
  std::vector<double> sums(4);

  gram_by_fold(rows, {}, weight, {}, sums, 1, backend());

  EXPECT_THAT(sums, ElementsAre(4 + 9, 4 + 3, 4 + 3, 5));
}

// Entry (i, j) of A'A with the bound of its error: n roundings of the sum of the terms' sizes.
void expect_entry(const RandomRows& data, const std::vector<double>& sums, std::size_t i,
                  std::size_t j) {
  const std::size_t size = data.columns.size() + 1;
  long double expected = 0;
  long double terms = 0;
  for (std::size_t row = 0; row < data.n(); ++row) {
    const long double term = static_cast<long double>(data.a(row, i)) * data.a(row, j);
    expected += term;
    terms += std::abs(term);
  }
  const double bound = static_cast<double>(terms) * static_cast<double>(data.n() + 4) *
                       std::numeric_limits<double>::epsilon();
  EXPECT_NEAR(sums[j * size + i], static_cast<double>(expected), bound) << i << ", " << j;
}

TEST_P(Gram, FitsTheDefinitionForAnyNumberOfColumns) {
  for (const std::int64_t d : {1, 7, 8, 28, 64, 130})
    for (const std::int64_t n : {0, 1, 31, 32, 33, 255, 256, 257, 100'003}) {
      if (n * d > 3'000'000 && spare_the_largest(backend())) continue;
      SCOPED_TRACE(testing::Message() << n << " rows, " << d << " columns");
      const RandomRows data(n, d);
      const ColumnsInMemory<double> rows = data.rows();
      const auto size = static_cast<std::size_t>(d) + 1;
      std::vector<double> sums(size * size);

      gram_by_fold(rows, {}, {}, {}, sums, 1, backend());

      const std::size_t step = n > 1000 ? 37 : 5;  // some of the entries, of every row and column
      for (std::size_t entry = 0; entry < size * size; entry += step)
        expect_entry(data, sums, entry % size, entry / size);
      expect_entry(data, sums, size - 1, size - 1);
    }
}

TEST_P(Gram, AgreesWithThePlainSumAtEverySizeAndHasTheSameBitsForAnyThreads) {
  for (const std::int64_t n : {0, 1, 31, 32, 33, 255, 256, 257, 100'003}) {
    SCOPED_TRACE(n);
    const RandomRows data(n, 3);
    const ColumnsInMemory<double> rows = data.rows();
    const std::vector<int> folds{1};
    std::vector<double> sums(32);

    gram_by_fold(rows, data.fold_of_row, data.weight, folds, sums, 1, backend());

    for (std::size_t m = 0; m < 32; ++m) {
      long double expected = 0;
      long double size = 0;
      for (std::size_t r = 0; r < data.n(); ++r) {
        const int fold = data.fold_of_row[r];
        if (fold < 0 || (fold == 1) != (m < 16)) continue;
        const long double term =
            static_cast<long double>(data.weight[r]) * data.a(r, m % 16 / 4) * data.a(r, m % 4);
        expected += term;
        size += std::abs(term);
      }
      // n additions and a few roundings of each term.
      const auto tolerance = static_cast<double>(size) * static_cast<double>(n + 8) *
                             std::numeric_limits<double>::epsilon();
      EXPECT_NEAR(sums[m], static_cast<double>(expected), tolerance) << m;
    }
    for (const int threads : {2, 8}) {
      std::vector<double> again(32);
      gram_by_fold(rows, data.fold_of_row, data.weight, folds, again, threads, backend());
      EXPECT_EQ(again, sums);
    }
  }
}

TEST_P(Gram, RefusesLengthsThatDoNotFit) {
  const std::vector<double> x{1, 2};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  std::vector<double> sums(4);
  const std::vector<std::int32_t> one_fold(1);
  const std::vector<double> one_weight(1);

  EXPECT_THROW(gram_by_fold(rows, one_fold, {}, {}, sums, 1, backend()), InvalidArgument);
  EXPECT_THROW(gram_by_fold(rows, {}, one_weight, {}, sums, 1, backend()), InvalidArgument);
  EXPECT_THROW(gram_by_fold(rows, {}, {}, std::vector<int>{0}, sums, 1, backend()),
               InvalidArgument);
}

}  // namespace
}  // namespace gradstep::test
