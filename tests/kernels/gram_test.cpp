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
