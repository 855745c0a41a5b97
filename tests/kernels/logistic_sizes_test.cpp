#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/logistic.hpp"
#include "tests/support/every_backend.hpp"
#include "tests/support/random_rows.hpp"

// Loss and gradient at the sizes where kernels take another path, against the definition.

namespace gradstep::test {
namespace {

// Rows as double, or rounded to float; the models and points asked for.
struct Case {
  RandomRows data;
  std::vector<std::vector<float>> rounded;
  std::vector<Model> models;
  std::vector<std::vector<double>> v;
  std::vector<LogisticPoint> points;

  Case(std::int64_t n, std::int64_t d, int count, bool float32 = false) : data(n, d) {
    for (auto& column : data.columns) {
      if (!float32) continue;
      rounded.emplace_back(column.begin(), column.end());
      column.assign(rounded.back().begin(), rounded.back().end());
    }
    for (int k = 0; k < count; ++k) {
      models.push_back({0.1, k % 5 - 1, k % 3});
      if (count == 11 && k % 2 == 1) models.back().class_weights = {0.5, 0.25 * k};
      v.emplace_back();
      for (std::int64_t c = 0; c <= d; ++c)
        v.back().push_back(static_cast<double>((7 * c + std::int64_t{3} * k) % 11 - 5) /
                           (3 * std::sqrt(static_cast<double>(d + 1))));
    }
    for (int k = 0; k < count; ++k) points.push_back({k, v[static_cast<std::size_t>(k)].data()});
  }

  // With folds when there are several points, and with weights of their rows or, when there are 11,
  // of their classes.
  [[nodiscard]] LogisticProblem problem(const RowBlocks& rows) const {
    if (models.size() == 1) return {&rows, data.class_of_row, {}, {}, models};
    if (models.size() == 11) return {&rows, data.class_of_row, data.fold_of_row, {}, models};
    return {&rows, data.class_of_row, data.fold_of_row, data.weight, models};
  }

  // Calls use(rows).
  template <class Use>
  [[nodiscard]] auto with_rows(const Use& use) const {
    if (rounded.empty()) return use(data.rows());
    std::vector<const float*> views;
    for (const auto& column : rounded) views.push_back(column.data());
    return use(ColumnsInMemory<float>(views, static_cast<std::int64_t>(data.n())));
  }

  [[nodiscard]] std::vector<double> sums(Backend backend, std::int64_t device_memory = 0) const {
    return with_rows([&](const RowBlocks& rows) {
      std::vector<double> sums(points.size() * (v[0].size() + 1));
      logistic_sums(problem(rows), 1, backend, device_memory)->loss_and_gradient(points, sums);
      return sums;
    });
  }
};

struct Plain {
  std::vector<long double> value;
  std::vector<long double> error;  // the bound, in units of epsilon
};

// The definition, a row at a time. The bound: adding n terms costs n roundings of their sizes, at
// most. z is off by its d+2 roundings of sum |x v|; a loss or residual changes by at most its own
// size times that, as |d log(loss) / dz| and |d log(residual) / dz| <= 1. Some 16 roundings come
// with exp, log1p, quotient and products.
Plain plain_sums(const Case& at, std::size_t point) {
  const std::vector<double>& v = at.v[point];
  const Model& model = at.models[point];
  const LogisticProblem problem = at.problem(at.data.rows());
  const auto n = static_cast<long double>(at.data.n());
  Plain plain{std::vector<long double>(v.size() + 1), std::vector<long double>(v.size() + 1)};
  for (std::size_t r = 0; r < at.data.n(); ++r) {
    if (!problem.fold_of_row.empty() &&
        (problem.fold_of_row[r] < 0 || problem.fold_of_row[r] == model.held_out_fold))
      continue;
    long double z = 0;
    long double size = 0;
    for (std::size_t c = 0; c < v.size(); ++c) {
      const long double term = static_cast<long double>(at.data.a(r, c)) * v[c];
      z += term;
      size += std::abs(term);
    }
    const long double sign = problem.class_of_row[r] == model.positive_class ? 1 : -1;
    const long double margin = sign * z;
    const long double of_class =
        sign > 0 ? model.class_weights.positive : model.class_weights.negative;
    const long double weight =
        problem.row_weight.empty() ? of_class : problem.row_weight[r] * of_class;
    const long double roundings = n + 16 + static_cast<long double>(v.size() + 1) * size;
    const auto add = [&](std::size_t entry, long double term) {
      plain.value[entry] += term;
      plain.error[entry] += std::abs(term) * roundings;
    };
    add(0, weight * std::log1p(std::exp(-margin)));
    const long double residual = -sign * weight / (1 + std::exp(margin));
    for (std::size_t c = 0; c < v.size(); ++c) add(1 + c, residual * at.data.a(r, c));
  }
  return plain;
}

void expect_the_definition(const Case& at, const std::vector<double>& sums) {
  const std::size_t entries = at.v[0].size() + 1;
  for (std::size_t k = 0; k < at.points.size(); ++k) {
    const Plain plain = plain_sums(at, k);
    for (std::size_t entry = 0; entry < entries; ++entry)
      EXPECT_NEAR(sums[k * entries + entry], static_cast<double>(plain.value[entry]),
                  static_cast<double>(plain.error[entry]) * std::numeric_limits<double>::epsilon())
          << "point " << k << " entry " << entry;
  }
}

class LogisticSizes : public EveryBackend {
 protected:
  static void expect_the_definition(std::int64_t n, std::int64_t d, int count,
                                    bool float32 = false) {
    SCOPED_TRACE(std::to_string(n) + " rows, " + std::to_string(d) + " columns, " +
                 std::to_string(count) + " points");
    const Case at(n, d, count, float32);
    test::expect_the_definition(at, at.sums(backend()));
  }
};
INSTANTIATE_TEST_SUITE_P(on, LogisticSizes, testing::Values(Backend::cpu, Backend::cuda),
                         backend_name);

constexpr std::int64_t columns[] = {0, 1, 7, 8, 28, 64, 130};

TEST_P(LogisticSizes, FitFewRowsAtOnePoint) {
  for (const std::int64_t n : {0, 1, 31, 32, 33, 255, 256, 257})
    for (const std::int64_t d : columns) expect_the_definition(n, d, 1);
}

TEST_P(LogisticSizes, FitFewRowsAtElevenPoints) {
  for (const std::int64_t n : {0, 1, 31, 32, 33, 255, 256, 257})
    for (const std::int64_t d : columns) expect_the_definition(n, d, 11);
}

// Many points, of several classes and folds, on the CPU too.
TEST_P(LogisticSizes, FitFewRowsAtNineteenPoints) {
  for (const std::int64_t n : {0, 1, 63, 64, 65, 191, 192, 193, 257})
    for (const std::int64_t d : {0, 1, 7, 8, 28, 40}) {
      expect_the_definition(n, d, 19);
      expect_the_definition(n, d, 19, true);
    }
}

// Every number of columns that a thread may keep in registers.
TEST_P(LogisticSizes, FitFewColumns) {
  for (std::int64_t d = 2; d <= 30; ++d) {
    expect_the_definition(1030, d, 1);
    expect_the_definition(1030, d, 1, true);
  }
}

TEST_P(LogisticSizes, FitFloat32) {
  for (const std::int64_t n : {1, 33, 257, 1027})
    for (const std::int64_t d : {1, 40}) expect_the_definition(n, d, 11, true);
  expect_the_definition(1027, 64, 1, true);
}

// Too wide for 8 points at once, then for shared memory.
TEST_P(LogisticSizes, FitVeryManyColumns) {
  for (const int count : {1, 3}) {
    expect_the_definition(257, 300, count);
    expect_the_definition(33, 830, count);
    expect_the_definition(600, 900, count);
    expect_the_definition(33, 900, count, true);
  }
}

TEST_P(LogisticSizes, FitManyRows) {
  for (const std::int64_t d : {1, 8, 28, 64}) expect_the_definition(100'003, d, 1);
  expect_the_definition(100'003, 7, 11);
  if (spare_the_largest(backend())) return;
  expect_the_definition(100'003, 7, 19);
  expect_the_definition(100'003, 130, 1);
  for (const std::int64_t d : {1, 8, 28, 64, 130}) expect_the_definition(100'003, d, 11);
}

// As little memory as it takes: slabs of one RowBlock stream through.
TEST_P(LogisticSizes, HaveTheSameBitsWhenRowsStreamThrough) {
  for (const bool float32 : {false, true})
    for (const int count : {1, 2}) {
      const Case at(50'001, 2, count, float32);
      const std::vector<double> sums = at.sums(backend());

      EXPECT_EQ(at.sums(backend(), 1), sums);
      test::expect_the_definition(at, sums);
    }
}

TEST_P(LogisticSizes, HaveTheSameBitsForFloat32AndForTheSameDoubles) {
  for (const auto& [n, d, count] :
       {std::tuple(1027, 5, 1), {1027, 28, 1}, {1027, 40, 11}, {1027, 40, 19}, {70, 850, 1}}) {
    const Case narrow(n, d, count, true);
    Case wide = narrow;
    wide.rounded.clear();

    EXPECT_EQ(narrow.sums(backend()), wide.sums(backend())) << d;
  }
}

// Full symmetric matrices of [X 1]: the Gram matrices of folds 2, 0 and all others, and the
// Hessians of the points.
struct SecondOrder {
  std::vector<double> gram;
  std::vector<double> hessian;
};

SecondOrder second_order_sums(const Case& at, Backend backend, std::int64_t device_memory = 0) {
  return at.with_rows([&](const RowBlocks& rows) {
    const std::size_t size = at.v[0].size();
    SecondOrder sums{std::vector<double>(3 * size * size),
                     std::vector<double>(at.points.size() * size * size)};
    const LogisticProblem problem = at.problem(rows);
    const auto all = logistic_sums(problem, 1, backend, device_memory);
    all->gram(problem.fold_of_row, std::vector<int>{2, 0}, sums.gram);
    all->hessian(at.points, sums.hessian);
    return sums;
  });
}

// `weight_of(matrix, row)` times a a', a row at a time. The bound is that of plain_sums(), with
// twice the roundings of z, as |d log p(1-p) / dz| <= 1 and the size of z is at most 12 here.
template <class WeightOf>
void expect_weighted_products(const Case& at, const std::vector<double>& sums,
                              const WeightOf& weight_of) {
  const std::size_t size = at.v[0].size();
  const auto roundings = static_cast<double>(at.data.n() + 16 + 12 * (size + 1));
  for (std::size_t i = 0; i < sums.size(); ++i) {
    long double expected = 0;
    long double terms = 0;
    for (std::size_t r = 0; r < at.data.n(); ++r) {
      const long double term = weight_of(i / (size * size), r) *
                               static_cast<long double>(at.data.a(r, i / size % size)) *
                               at.data.a(r, i % size);
      expected += term;
      terms += std::abs(term);
    }
    EXPECT_NEAR(sums[i], static_cast<double>(expected),
                static_cast<double>(terms) * roundings * std::numeric_limits<double>::epsilon())
        << i;
  }
}

TEST_P(LogisticSizes, FitSecondOrderSums) {
  for (const bool float32 : {false, true})
    for (const std::int64_t d : {0, 1, 31, 32, 40}) {
      SCOPED_TRACE(d);
      const Case at(70, d, 2, float32);
      const RandomRows& data = at.data;

      const SecondOrder sums = second_order_sums(at, backend());

      expect_weighted_products(at, sums.gram, [&](std::size_t matrix, std::size_t row) {
        const int fold = data.fold_of_row[row];
        const std::size_t of = fold == 2 ? 0 : fold == 0 ? 1 : 2;
        return static_cast<long double>(fold >= 0 && of == matrix ? data.weight[row] : 0);
      });
      expect_weighted_products(at, sums.hessian, [&](std::size_t point, std::size_t row) {
        const int fold = data.fold_of_row[row];
        if (fold < 0 || fold == at.models[point].held_out_fold) return 0.0L;
        long double z = 0;
        for (std::size_t c = 0; c <= static_cast<std::size_t>(d); ++c)
          z += static_cast<long double>(data.a(row, c)) * at.v[point][c];
        const long double p = 1 / (1 + std::exp(-z));
        return data.weight[row] * p * (1 - p);
      });
    }
}

// Streamed rows are packed in other pieces, so that sums differ by rounding.
TEST_P(LogisticSizes, HaveTheSameSecondOrderSumsWhenRowsStreamThrough) {
  const Case at(40'001, 3, 3);

  const SecondOrder resident = second_order_sums(at, backend());
  const SecondOrder streamed = second_order_sums(at, backend(), 1);

  const double roundings = 2 * 40'010 * std::numeric_limits<double>::epsilon();
  for (std::size_t i = 0; i < 48; ++i) {
    // The sum of |a b| is at most sqrt(sum a^2 sum b^2).
    const auto size = [&](const std::vector<double>& sums) {
      const std::size_t matrix = i / 16 * 16;
      return std::sqrt(sums[matrix + i % 4 * 5] * sums[matrix + i / 4 % 4 * 5]);
    };
    EXPECT_NEAR(streamed.gram[i], resident.gram[i], size(resident.gram) * roundings) << i;
    EXPECT_NEAR(streamed.hessian[i], resident.hessian[i], size(resident.hessian) * roundings) << i;
  }
}

// Finite rows whose margins overflow have no say when they do not count.
TEST_P(LogisticSizes, IgnoreRowsThatOverflowWhenTheyDoNotCount) {
  const std::vector<double> x{1, 1e300, -1e300, -1};
  const std::vector<std::int32_t> classes{1, 0, 1, 0};
  const std::vector<std::int32_t> folds{0, -1, 1, 0};
  const Model model{1, 1, 1};
  const ColumnsInMemory<double> one({x.data()}, 4);
  const ColumnsInMemory<double> many(std::vector<const double*>(900, x.data()), 4);
  for (const RowBlocks* rows : {&one, &many}) {
    const auto d = static_cast<std::size_t>(rows->cols());
    std::vector<double> v(d + 1, 0.0);
    v[0] = 1e200;
    const std::vector<LogisticPoint> points(2, {0, v.data()});
    const auto sums = logistic_sums({rows, classes, folds, {}, {&model, 1}}, 1, backend());
    for (const std::size_t count : {1U, 2U}) {
      std::vector<double> first(count * (d + 2), -1.0);
      std::vector<double> second(count * (d + 1) * (d + 1), -1.0);

      sums->loss_and_gradient(std::span(points).first(count), first);
      if (d == 1) sums->hessian(std::span(points).first(count), second);

      // Both rows that count are far on the right side. Eigen's exp goes no lower than 1e-308.
      EXPECT_THAT(first, testing::Each(testing::DoubleNear(0, 1e-300)));
      if (d == 1) {
        EXPECT_THAT(second, testing::Each(testing::DoubleNear(0, 1e-300)));
      }
    }
  }
}

}  // namespace
}  // namespace gradstep::test
