#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "kernels/core/error.hpp"
#include "tests/support/every_solver.hpp"
#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

// How a fit ends where there is little or nothing to find.
class SolverEnd : public EverySolver {};
INSTANTIATE_TEST_SUITE_P(on, SolverEnd, every_solver(), solver_name);

TEST_P(SolverEnd, EndsOnSeparableDataWhateverTheReg) {
  RandomRows data(500, 3);
  for (std::size_t r = 0; r < data.n(); ++r) data.class_of_row[r] = data.columns[0][r] > 0 ? 1 : 0;
  const ColumnsInMemory<double> rows = data.rows();
  for (const double reg : {1e-6, 1e-9, 1e-15, 1e-100, std::numeric_limits<double>::min()}) {
    SCOPED_TRACE(reg);
    const Model model{reg, -1, 1};

    const Fit fit = solve({&rows, data.class_of_row, {}, {}, {&model, 1}}).front();

    EXPECT_NE(fit.stop_reason, StopReason::running);
    for (const double w : fit.coefficients) EXPECT_TRUE(std::isfinite(w));
    EXPECT_TRUE(std::isfinite(fit.intercept));
    EXPECT_LT(fit.objective, 1);  // 347 at v = 0
  }
}

// The same column twice: by symmetry both get half of what one alone would get at reg / 2.
TEST_P(SolverEnd, SharesTheWeightOfEqualColumns) {
  RandomRows data(500, 2);
  data.columns[1] = data.columns[0];
  RandomRows one = data;
  one.columns.pop_back();
  for (double& x : one.columns[0]) x *= std::sqrt(2.0);  // the same penalty for the same margin
  const ColumnsInMemory<double> rows = data.rows();
  const ColumnsInMemory<double> one_row = one.rows();
  const Model model{1e-3, -1, 1};

  const Fit both = solve({&rows, data.class_of_row, {}, {}, {&model, 1}}).front();
  const Fit single = solve({&one_row, one.class_of_row, {}, {}, {&model, 1}}).front();

  EXPECT_TRUE(both.converged);
  const double half = single.coefficients[0] / std::sqrt(2.0);
  EXPECT_LE(error_of(both, {half, half}, single.intercept), 2e-8);
}

TEST_P(SolverEnd, DoesNotVouchForAnOptimumThatDoublesCannotTell) {
  RandomRows data(500, 2);
  data.columns[1] = data.columns[0];
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1e-14, -1, 1};

  const Fit fit = solve({&rows, data.class_of_row, {}, {}, {&model, 1}}).front();

  EXPECT_EQ(fit.stop_reason, StopReason::stagnation);
  EXPECT_FALSE(fit.converged);
  EXPECT_LT(fit.gradient_norm, 1e-6);
}

// Without a penalty on it the intercept of one class alone has no finite optimum.
TEST_P(SolverEnd, EndsOnOneClassWithAFreeIntercept) {
  const RandomRows data(100, 2);
  const std::vector<std::int32_t> ones(100, 1);
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1, -1, 1};

  const Fit fit = solve({&rows, ones, {}, {}, {&model, 1}, false}, {.max_iterations = 200}).front();

  EXPECT_NE(fit.stop_reason, StopReason::running);
  EXPECT_TRUE(std::isfinite(fit.intercept));
  EXPECT_GT(fit.intercept, 10);
}

TEST_P(SolverEnd, StopsAfterMaxIterations) {
  const RandomRows data(500, 3);
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1e-3, -1, 1};
  const LogisticProblem problem{&rows, data.class_of_row, {}, {}, {&model, 1}};

  const Fit none = solve(problem, {.max_iterations = 0}).front();
  const Fit two = solve(problem, {.max_iterations = 2}).front();

  EXPECT_EQ(none.stop_reason, StopReason::max_iterations);
  EXPECT_THAT(none.coefficients, testing::Each(0.0));
  const double at_zero = 500 * std::log(2);
  EXPECT_NEAR(none.objective, at_zero, 500 * std::numeric_limits<double>::epsilon() * at_zero);
  EXPECT_EQ(two.stop_reason, StopReason::max_iterations);
  EXPECT_EQ(two.iterations, 2);
  EXPECT_FALSE(two.converged);
}

TEST_P(SolverEnd, EndsAtRoundingLevelWhenAskedForMoreThanThat) {
  const RandomRows data(5000, 3);
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1, -1, 1};
  const LogisticProblem problem{&rows, data.class_of_row, {}, {}, {&model, 1}};

  const Fit fit = solve(problem, {.tolerance = 1e-30}).front();

  EXPECT_LT(fit.passes, 100);
  EXPECT_LE(distance(fit, solve(problem).front()), 1e-10);
}

TEST_P(SolverEnd, FitsTheInterceptAloneWithoutColumns) {
  const RandomRows data(3, 0);
  const std::vector<std::int32_t> classes{1, 1, 0};
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1, -1, 1};

  const Fit fit = solve({&rows, classes, {}, {}, {&model, 1}, false}).front();

  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.intercept, std::log(2), 1e-12);
}

TEST_P(SolverEnd, StaysAtZeroWithoutRows) {
  const RandomRows data(0, 2);
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1, -1, 1};

  const Fit fit = solve({&rows, {}, {}, {}, {&model, 1}}).front();

  EXPECT_TRUE(fit.converged);
  EXPECT_THAT(fit.coefficients, testing::ElementsAre(0, 0));
}

TEST_P(SolverEnd, RefusesValuesWhoseSquaresOverflow) {
  const std::vector<double> x{1e200, -1e200};
  const std::vector<std::int32_t> classes{1, 0};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{1, -1, 1};

  EXPECT_THROW((void)solve({&rows, classes, {}, {}, {&model, 1}}), DataError);
}

TEST_P(SolverEnd, RefusesAProblemWithoutRowsObject) {
  EXPECT_THROW((void)solve({}), InvalidArgument);
}

TEST(StopReason, HasANameForPeople) {
  std::ostringstream out;
  out << StopReason::running << ' ' << StopReason::tolerance << ' ' << StopReason::stagnation << ' '
      << StopReason::max_iterations;
  EXPECT_EQ(out.str(), "running tolerance stagnation max_iterations");
}

}  // namespace
}  // namespace gradstep::test
