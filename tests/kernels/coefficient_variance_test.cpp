#include "kernels/coefficient_variance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "kernels/core/error.hpp"
#include "tests/support/every_backend.hpp"
#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

class CoefficientVariance : public EveryBackend {
 protected:
  // Of the first model.
  static std::vector<double> variances(const LogisticProblem& problem, const Fit& fit,
                                       SolverOptions options = {}) {
    options.backend = backend();
    return coefficient_variances(problem, 0, fit, options);
  }
};
INSTANTIATE_TEST_SUITE_P(on, CoefficientVariance, testing::Values(Backend::cpu, Backend::cuda),
                         backend_name);

// Some roundings each: the matrices below have two columns and condition numbers below 100.
auto is(double value) { return DoubleNear(value, 1e-14 * std::abs(value)); }

Fit fit_of(std::vector<double> coefficients, double intercept = 0) {
  Fit fit;
  fit.coefficients = std::move(coefficients);
  fit.intercept = intercept;
  return fit;
}

// At v = 0 every p is 1/2, and the Hessian of the loss A'WA / 4.
Fit zero() { return fit_of({0}); }
constexpr std::array<std::int32_t, 2> two_classes{0, 1};

// x = 1 and -1 at w = log 3: p (1 - p) = 3/16 for both, and the products with 1 cancel.
TEST_P(CoefficientVariance, IsTheInverseOfTheCurvatureAtTheAnswer) {
  const std::vector<double> x{1, -1};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{.reg = 0.125};

  EXPECT_THAT(variances({&rows, two_classes, {}, {}, {&model, 1}}, fit_of({std::log(3)})),
              ElementsAre(is(2), is(2)));
}

// A'A / 4 = (4 1; 1 1/2).
TEST_P(CoefficientVariance, TakesTheInverseOfTheWholeMatrix) {
  const std::vector<double> x{0, 4};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{.reg = 0.5};

  EXPECT_THAT(variances({&rows, two_classes, {}, {}, {&model, 1}, true}, zero()),
              ElementsAre(is(1 / 3.5), is(4.5 / 3.5)));
  EXPECT_THAT(variances({&rows, two_classes, {}, {}, {&model, 1}, false}, zero()),
              ElementsAre(is(0.5 / 1.25), is(4.5 / 1.25)));
}

// A'WA / 4 of the first two rows = (4 1; 1 5/4).
TEST_P(CoefficientVariance, WeighsTheRowsThatTrainTheModel) {
  const std::vector<double> x{0, 4, 7};
  const std::vector<double> weight{4, 1, 9};
  const std::vector<std::int32_t> classes{0, 1, 1};
  const std::vector<std::int32_t> folds{0, 0, -1};
  const ColumnsInMemory<double> rows({x.data()}, 3);
  const Model model{.reg = 0.75};

  EXPECT_THAT(variances({&rows, classes, folds, weight, {&model, 1}}, zero()),
              ElementsAre(is(2 / 8.5), is(4.75 / 8.5)));
}

// The same matrix, from the weights of the classes.
TEST_P(CoefficientVariance, WeighsTheClassesOfTheModel) {
  const std::vector<double> x{0, 4};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{.reg = 0.75, .class_weights = {4, 1}};

  EXPECT_THAT(variances({&rows, two_classes, {}, {}, {&model, 1}}, zero()),
              ElementsAre(is(2 / 8.5), is(4.75 / 8.5)));
}

// Another process with the same rows: A'A / 2 = (8 2; 2 1).
TEST_P(CoefficientVariance, AddsUpTheRowsOfAllProcesses) {
  const std::vector<double> x{0, 4};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{.reg = 1};
  const SolverOptions options{.reduce = [](std::span<double> sums) {
    for (double& sum : sums) sum *= 2;
  }};

  EXPECT_THAT(variances({&rows, two_classes, {}, {}, {&model, 1}}, zero(), options),
              ElementsAre(is(2.0 / 14), is(9.0 / 14)));
}

// A column of ones, and the intercept's: only the regulariser tells them apart.
TEST_P(CoefficientVariance, IsNotGivenForAHessianThatIsSingular) {
  const std::vector<double> x{1, 1};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model weak{.reg = 1e-20};
  const Model strong{.reg = 1};

  EXPECT_THAT(variances({&rows, two_classes, {}, {}, {&weak, 1}}, zero()), IsEmpty());
  EXPECT_THAT(variances({&rows, two_classes, {}, {}, {&strong, 1}}, zero()),
              ElementsAre(is(0.75), is(0.75)));
}

TEST_P(CoefficientVariance, IsNotGivenForSquaresThatOverflow) {
  const std::vector<double> x{1e200, 0};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{.reg = 1};

  EXPECT_THAT(variances({&rows, two_classes, {}, {}, {&model, 1}}, zero()), IsEmpty());
}

TEST_P(CoefficientVariance, HasTheSameBitsForAnyNumberOfThreads) {
  const RandomRows data(40'003, 5);
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{.reg = 1};
  const LogisticProblem problem{
      &rows, data.class_of_row, data.fold_of_row, data.weight, {&model, 1}};
  const Fit fit = fit_of({1, -0.5, 0, 0.25, 2}, -1);

  const std::vector<double> one = variances(problem, fit, {.threads = 1});

  EXPECT_EQ(one.size(), 6U);
  for (const int threads : {2, 8}) EXPECT_EQ(variances(problem, fit, {.threads = threads}), one);
}

TEST_P(CoefficientVariance, RefusesAFitOfAnotherProblem) {
  const std::vector<double> x{1, 1};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model;
  const LogisticProblem problem{&rows, two_classes, {}, {}, {&model, 1}};

  EXPECT_THROW((void)variances(problem, fit_of({1, 2})), InvalidArgument);
  EXPECT_THROW((void)coefficient_variances(problem, 1, zero(), {.backend = backend()}),
               InvalidArgument);
}

}  // namespace
}  // namespace gradstep::test
