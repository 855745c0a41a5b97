#include "kernels/logistic.hpp"

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

using testing::DoubleEq;
using testing::ElementsAre;

TEST(Sigmoid, HasItsKnownValuesAndNoOverflow) {
  EXPECT_EQ(sigmoid(0), 0.5);
  EXPECT_DOUBLE_EQ(sigmoid(std::log(3)), 0.75);
  EXPECT_DOUBLE_EQ(sigmoid(-std::log(3)), 0.25);
  EXPECT_EQ(sigmoid(1000), 1);
  EXPECT_EQ(sigmoid(-1000), 0);
  EXPECT_DOUBLE_EQ(sigmoid(-700), std::exp(-700));
}

TEST(LogisticLoss, HasItsKnownValuesAndNoOverflow) {
  EXPECT_DOUBLE_EQ(logistic_loss(0), std::log(2));
  EXPECT_DOUBLE_EQ(logistic_loss(-std::log(3)), std::log(4));
  EXPECT_EQ(logistic_loss(-1000), 1000);
  EXPECT_EQ(logistic_loss(1000), 0);
  EXPECT_DOUBLE_EQ(logistic_loss(40), std::exp(-40));
}

class Logistic : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(on, Logistic, testing::Values(Backend::cpu, Backend::cuda), backend_name);

// Two rows at v = (log 3, 0): z = log 3 and -log 3, so p = 3/4 and 1/4.
TEST_P(Logistic, AddsUpLossGradientAndHessian) {
  const std::vector<double> x{1, -1};
  const std::vector<std::int32_t> classes{1, 1};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{1, -1, 1};
  const auto sums = logistic_sums({&rows, classes, {}, {}, {&model, 1}}, 1, backend());
  const std::vector<double> v{std::log(3), 0};
  const LogisticPoint point{0, v.data()};
  std::vector<double> first(3);
  std::vector<double> second(4);

  sums->loss_and_gradient({&point, 1}, first);
  sums->hessian({&point, 1}, second);

  EXPECT_THAT(first,
              ElementsAre(DoubleEq(std::log(4.0 / 3) + std::log(4)), DoubleEq(0.5), DoubleEq(-1)));
  const auto zero = testing::DoubleNear(0, 1e-16);
  EXPECT_THAT(second, ElementsAre(DoubleEq(0.375), zero, zero, DoubleEq(0.375)));
}

// At v = 0 a row's loss is log 2, its residual -1/2 or 1/2 and its curvature 1/4, times 3 for the
// positive one and 1/2 for the other.
TEST_P(Logistic, WeighsTheClassesOfAModel) {
  const std::vector<double> x{2, 1};
  const std::vector<std::int32_t> classes{5, 2};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{1, -1, 5, {0.5, 3}};
  const auto sums = logistic_sums({&rows, classes, {}, {}, {&model, 1}}, 1, backend());
  const std::vector<double> v{0, 0};
  const LogisticPoint point{0, v.data()};
  std::vector<double> first(3);
  std::vector<double> second(4);

  sums->loss_and_gradient({&point, 1}, first);
  sums->hessian({&point, 1}, second);

  EXPECT_THAT(first, ElementsAre(DoubleEq(3.5 * std::log(2)), DoubleEq(-2.75), DoubleEq(-1.25)));
  EXPECT_THAT(second,
              ElementsAre(DoubleEq(3.125), DoubleEq(1.625), DoubleEq(1.625), DoubleEq(0.875)));
}

TEST_P(Logistic, StaysFiniteFarFromTheData) {
  const std::vector<double> x{1, -1};
  const std::vector<std::int32_t> classes{1, 1};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{1, -1, 1};
  const auto sums = logistic_sums({&rows, classes, {}, {}, {&model, 1}}, 1, backend());
  const std::vector<double> v{5000, 0};
  const LogisticPoint point{0, v.data()};
  std::vector<double> first(3);

  sums->loss_and_gradient({&point, 1}, first);

  EXPECT_THAT(first, ElementsAre(5000, 1, -1));
}

// The definition, a row at a time, and the sum of the terms' sizes for the tolerance.
struct Plain {
  std::vector<long double> value;
  std::vector<long double> size;
};

Plain plain_sums(const RandomRows& data, const Model& model, const std::vector<double>& v,
                 bool second_order) {
  const std::size_t columns = v.size();
  Plain plain;
  plain.value.resize(second_order ? columns * columns : columns + 1);
  plain.size.resize(plain.value.size());
  const auto add = [&](std::size_t at, long double term) {
    plain.value[at] += term;
    plain.size[at] += std::abs(term);
  };
  for (std::size_t r = 0; r < data.n(); ++r) {
    if (data.fold_of_row[r] < 0 || data.fold_of_row[r] == model.held_out_fold) continue;
    long double z = 0;
    for (std::size_t c = 0; c < columns; ++c) z += static_cast<long double>(data.a(r, c)) * v[c];
    const long double y = data.class_of_row[r] == model.positive_class ? 1 : 0;
    const long double p = 1 / (1 + std::exp(-z));
    const TwoClassWeights& of_class = model.class_weights;
    const long double weight = data.weight[r] * (y == 1 ? of_class.positive : of_class.negative);
    if (!second_order) add(0, weight * (std::log1p(std::exp(z)) - y * z));
    for (std::size_t c = 0; c < columns; ++c) {
      if (!second_order) add(1 + c, weight * (p - y) * data.a(r, c));
      for (std::size_t k = 0; second_order && k < columns; ++k)
        add(c * columns + k, weight * p * (1 - p) * data.a(r, c) * data.a(r, k));
    }
  }
  return plain;
}

void expect_near(std::span<const double> sums, const Plain& plain, std::size_t n) {
  for (std::size_t k = 0; k < sums.size(); ++k) {
    // n additions, and some ten roundings in each term (z, exp, log).
    const auto tolerance = static_cast<double>(plain.size[k]) * static_cast<double>(n + 32) *
                           std::numeric_limits<double>::epsilon();
    EXPECT_NEAR(sums[k], static_cast<double>(plain.value[k]), tolerance) << k;
  }
}

TEST_P(Logistic, AgreesWithTheDefinitionForSeveralModelsAtEverySize) {
  const std::vector<Model> models{{1, -1, 1}, {2, -1, 1},           {1, 2, 1},
                                  {1, 0, 2},  {1, 0, 2, {0.25, 4}}, {1, -1, 1, {0, 2}}};
  const std::vector<std::vector<double>> v{{0.5, -1, 2, 0.1}, {0, 0, 0, 0},    {1, 1, 1, -1},
                                           {-3, 0, 0.25, 2},  {1, -1, 0, 0.5}, {0, 2, -1, 1}};
  const std::vector<int> order{3, 4, 0, 5, 1, 2, 0};  // any order, a model twice
  for (const std::int64_t n : {1, 31, 32, 33, 255, 256, 257, 100'003}) {
    SCOPED_TRACE(n);
    const RandomRows data(n, 3);
    const ColumnsInMemory<double> rows = data.rows();
    const LogisticProblem problem{&rows, data.class_of_row, data.fold_of_row, data.weight, models};
    std::vector<LogisticPoint> points;
    for (const int k : order) points.push_back({k, v[static_cast<std::size_t>(k)].data()});
    std::vector<double> first(5 * points.size());
    std::vector<double> second(16 * points.size());

    const auto sums = logistic_sums(problem, 1, backend());
    sums->loss_and_gradient(points, first);
    sums->hessian(points, second);

    for (std::size_t k = 0; k < points.size(); ++k) {
      SCOPED_TRACE(k);
      const auto m = static_cast<std::size_t>(order[k]);
      expect_near(std::span(first).subspan(5 * k, 5), plain_sums(data, models[m], v[m], false),
                  data.n());
      expect_near(std::span(second).subspan(16 * k, 16), plain_sums(data, models[m], v[m], true),
                  data.n());
    }
    for (const int threads : {2, 8}) {
      std::vector<double> first_again(first.size());
      std::vector<double> second_again(second.size());
      const auto again = logistic_sums(problem, threads, backend());
      again->loss_and_gradient(points, first_again);
      again->hessian(points, second_again);
      EXPECT_EQ(first_again, first);
      EXPECT_EQ(second_again, second);
    }
  }
}

TEST_P(Logistic, RefusesWhatDoesNotFit) {
  const RandomRows data(4, 1);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<Model> models(1);
  const std::vector<Model> no_reg{{0, -1, 1}};
  const std::vector<Model> below_nothing{{1, -1, 1, {-1, 1}}};
  const std::vector<Model> endless{{1, -1, 1, {1, std::numeric_limits<double>::infinity()}}};
  const LogisticProblem good{&rows, data.class_of_row, data.fold_of_row, data.weight, models};
  const auto refuses = [](const LogisticProblem& problem) {
    EXPECT_THROW((void)logistic_sums(problem, 1, backend()), InvalidArgument);
  };

  EXPECT_NO_THROW((void)logistic_sums(good, 1, backend()));
  refuses({nullptr, good.class_of_row, {}, {}, models});
  refuses({&rows, good.class_of_row.first(3), {}, {}, models});
  refuses({&rows, good.class_of_row, good.fold_of_row.first(3), {}, models});
  refuses({&rows, good.class_of_row, {}, good.row_weight.first(3), models});
  refuses({&rows, good.class_of_row, {}, {}, {}});
  for (const auto& bad : {no_reg, below_nothing, endless})
    refuses({&rows, good.class_of_row, {}, {}, bad});
}

}  // namespace
}  // namespace gradstep::test
