#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <cmath>
#include <limits>
#include <sstream>
#include <thread>

#include "kernels/core/error.hpp"
#include "kernels/gradient_descent.hpp"
#include "kernels/newton.hpp"
#include "tests/support/every_backend.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

struct Setting {
  const char* name;
  decltype(&gradient_descent) solve;
  Backend backend;

  friend std::ostream& operator<<(std::ostream& out, const Setting& setting) {
    return out << setting.name;
  }
};

// What gradient descent and Newton promise alike, on every backend.
class Solver : public testing::TestWithParam<Setting> {
 protected:
  void SetUp() override { GRADSTEP_SKIP_UNLESS_AVAILABLE(GetParam().backend); }

  static std::vector<Fit> solve(const LogisticProblem& problem, SolverOptions options = {}) {
    options.backend = GetParam().backend;
    return GetParam().solve(problem, options, nullptr, {});
  }
};

INSTANTIATE_TEST_SUITE_P(
    on, Solver,
    testing::Values(Setting{"gradient_descent_cpu", gradient_descent, Backend::cpu},
                    Setting{"gradient_descent_cuda", gradient_descent, Backend::cuda},
                    Setting{"newton_cpu", newton, Backend::cpu},
                    Setting{"newton_cuda", newton, Backend::cuda}),
    [](const auto& setting) { return setting.param.name; });

// The largest error of a coefficient, relative to the largest coefficient.
double error_of(const Fit& fit, std::vector<double> expected, double intercept) {
  std::vector<double> v = fit.coefficients;
  v.push_back(fit.intercept);
  expected.push_back(intercept);
  EXPECT_EQ(v.size(), expected.size());
  double error = 0, largest = 0;
  for (std::size_t c = 0; c < v.size(); ++c) {
    error = std::fmax(error, std::abs(v[c] - expected[c]));
    largest = std::fmax(largest, std::abs(expected[c]));
  }
  return error / largest;
}

double distance(const Fit& a, const Fit& b) { return error_of(a, b.coefficients, b.intercept); }

void expect_same_bits(const Fit& a, const Fit& b) {
  EXPECT_EQ(a.coefficients, b.coefficients);
  EXPECT_EQ(a.intercept, b.intercept);
  EXPECT_EQ(a.objective, b.objective);
  EXPECT_EQ(a.passes, b.passes);
}

// Two rows, x = 1 and -1, classes 1 and 0: w solves 2 / (1 + e^w) = reg w; reg 2 / (3 log 3 + ...)
// is chosen so that w = log 3: 2 / 4 = reg log 3. The intercept is 0 by symmetry.
TEST_P(Solver, FindsAnOptimumThatCanBeWrittenDown) {
  const std::vector<double> x{1, -1};
  const std::vector<std::int32_t> classes{1, 0};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{0.5 / std::log(3), -1, 1};

  const Fit fit = solve({&rows, classes, {}, {}, {&model, 1}}).front();

  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.coefficients[0], std::log(3), 1e-12);
  EXPECT_NEAR(fit.intercept, 0, 1e-12);
  EXPECT_NEAR(fit.objective, 2 * std::log(4.0 / 3) + model.reg / 2 * std::log(3) * std::log(3),
              1e-12);
  EXPECT_LT(fit.gradient_norm, 1e-7);
}

TEST_P(Solver, ReachesTheLabsOptimumAtEveryRegWithEachRuleForTheIntercept) {
  static const Lab lab = read_lab();
  const ColumnsInMemory<double> rows(lab.views(), std::ssize(lab.class_of_row));
  const nlohmann::json reference = lab_reference();
  ASSERT_EQ(reference["models"].size(), 6U);
  for (const auto& expected : reference["models"]) {
    const Model model{expected["reg_rate"].get<double>(), -1, 1};
    SCOPED_TRACE(model.reg);
    for (const bool penalized : {true, false}) {
      const auto& optimum =
          expected[penalized ? "optimum_penalised_intercept" : "optimum_free_intercept"];

      const Fit fit =
          solve({&rows, lab.class_of_row, lab.fold_of_row, {}, {&model, 1}, penalized}).front();

      EXPECT_EQ(fit.stop_reason, StopReason::tolerance);
      EXPECT_LE(error_of(fit, optimum["coef"].get<std::vector<double>>(),
                         optimum["intercept"].get<double>()),
                1e-8);
      EXPECT_LE(fit.passes, 40);
    }
  }
}

TEST_P(Solver, HasTheSameBitsForAnyNumberOfThreads) {
  const RandomRows data(100'003, 5);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<Model> models{{1, -1, 1}, {0.01, 2, 2}};
  const LogisticProblem problem{&rows, data.class_of_row, data.fold_of_row, data.weight, models};

  const auto one = solve(problem, {.threads = 1});

  for (const int threads : {2, 8}) {
    const auto many = solve(problem, {.threads = threads});
    for (std::size_t k = 0; k < models.size(); ++k) expect_same_bits(many[k], one[k]);
  }
}

// Each model alone, on only the rows that train it, with its labels made 0 and 1.
TEST_P(Solver, TrainsModelsTogetherAsItTrainsThemAlone) {
  const RandomRows data(3000, 4);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<Model> models{{1, -1, 1}, {100, -1, 1}, {1, 0, 0}, {0.01, 3, 2}, {1, 3, 2}};
  const auto together = solve({&rows, data.class_of_row, data.fold_of_row, data.weight, models});

  for (std::size_t k = 0; k < models.size(); ++k) {
    SCOPED_TRACE(k);
    RandomRows own(0, 4);
    for (std::size_t r = 0; r < data.n(); ++r) {
      if (data.fold_of_row[r] < 0 || data.fold_of_row[r] == models[k].held_out_fold) continue;
      for (std::size_t c = 0; c < 4; ++c) own.columns[c].push_back(data.columns[c][r]);
      own.class_of_row.push_back(data.class_of_row[r] == models[k].positive_class ? 1 : 0);
      own.weight.push_back(data.weight[r]);
    }
    const ColumnsInMemory<double> own_rows = own.rows();
    const Model model{models[k].reg, -1, 1};

    const Fit alone = solve({&own_rows, own.class_of_row, {}, own.weight, {&model, 1}}).front();

    EXPECT_TRUE(together[k].converged);
    EXPECT_LE(distance(together[k], alone), 2e-8);  // each within 1e-8 of the optimum
  }
}

TEST_P(Solver, TakesAWeightOfTwoForTheRowTwice) {
  RandomRows data(500, 3);
  data.weight.assign(500, 2);
  const ColumnsInMemory<double> rows = data.rows();
  const Model doubled{1, -1, 1};
  const Model halved{0.5, -1, 1};  // the same objective, divided by two

  const Fit weighted = solve({&rows, data.class_of_row, {}, data.weight, {&doubled, 1}}).front();
  const Fit plain = solve({&rows, data.class_of_row, {}, {}, {&halved, 1}}).front();

  EXPECT_LE(distance(weighted, plain), 2e-8);
}

TEST_P(Solver, ReadsFloat32AsTheNumbersItHolds) {
  const RandomRows data(2000, 3);
  std::vector<std::vector<float>> narrow;
  RandomRows widened = data;
  std::vector<const float*> views;
  for (std::size_t c = 0; c < 3; ++c) {
    narrow.emplace_back(data.columns[c].begin(), data.columns[c].end());
    widened.columns[c].assign(narrow[c].begin(), narrow[c].end());
  }
  for (const auto& column : narrow) views.push_back(column.data());
  const ColumnsInMemory<float> narrow_rows(views, 2000);
  const ColumnsInMemory<double> wide_rows = widened.rows();
  const Model model{1, -1, 1};

  const Fit narrow_fit = solve({&narrow_rows, data.class_of_row, {}, {}, {&model, 1}}).front();
  const Fit wide_fit = solve({&wide_rows, data.class_of_row, {}, {}, {&model, 1}}).front();

  expect_same_bits(narrow_fit, wide_fit);
}

// Two processes with half of the rows each, made of threads: sums meet in the reduce hook.
TEST_P(Solver, GivesEveryProcessTheAnswerForAllRows) {
  const RandomRows data(1000, 3);
  const std::vector<Model> models{{1, -1, 1}, {0.1, 2, 1}};
  std::barrier meeting(2);
  std::vector<std::vector<double>> sent(2);
  std::vector<std::vector<Fit>> fits(2);
  const auto process = [&](std::size_t rank) {
    std::vector<const double*> columns;
    for (const auto& column : data.columns) columns.push_back(column.data() + 500 * rank);
    const ColumnsInMemory<double> rows(columns, 500);
    const auto half = [rank](const auto& values) {
      return std::span(values).subspan(500 * rank, 500);
    };
    const LogisticProblem problem{
        &rows, half(data.class_of_row), half(data.fold_of_row), {}, models};
    fits[rank] = solve(problem, {.reduce = [&, rank](std::span<double> sums) {
                         sent[rank].assign(sums.begin(), sums.end());
                         meeting.arrive_and_wait();
                         for (std::size_t k = 0; k < sums.size(); ++k)
                           sums[k] = sent[0][k] + sent[1][k];
                         meeting.arrive_and_wait();
                       }});
  };

  {
    const std::jthread other(process, 1);
    process(0);
  }

  const ColumnsInMemory<double> rows = data.rows();
  const auto whole = solve({&rows, data.class_of_row, data.fold_of_row, {}, models});
  for (std::size_t k = 0; k < models.size(); ++k) {
    expect_same_bits(fits[0][k], fits[1][k]);
    EXPECT_LE(distance(fits[0][k], whole[k]), 2e-8);
  }
}

TEST_P(Solver, EndsOnSeparableDataWhateverTheReg) {
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
TEST_P(Solver, SharesTheWeightOfEqualColumns) {
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

TEST_P(Solver, DoesNotVouchForAnOptimumThatDoublesCannotTell) {
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
TEST_P(Solver, EndsOnOneClassWithAFreeIntercept) {
  const RandomRows data(100, 2);
  const std::vector<std::int32_t> ones(100, 1);
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1, -1, 1};

  const Fit fit = solve({&rows, ones, {}, {}, {&model, 1}, false}, {.max_iterations = 200}).front();

  EXPECT_NE(fit.stop_reason, StopReason::running);
  EXPECT_TRUE(std::isfinite(fit.intercept));
  EXPECT_GT(fit.intercept, 10);
}

TEST_P(Solver, StopsAfterMaxIterations) {
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

TEST_P(Solver, EndsAtRoundingLevelWhenAskedForMoreThanThat) {
  const RandomRows data(5000, 3);
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1, -1, 1};
  const LogisticProblem problem{&rows, data.class_of_row, {}, {}, {&model, 1}};

  const Fit fit = solve(problem, {.tolerance = 1e-30}).front();

  EXPECT_LT(fit.passes, 100);
  EXPECT_LE(distance(fit, solve(problem).front()), 1e-10);
}

TEST_P(Solver, FitsTheInterceptAloneWithoutColumns) {
  const RandomRows data(3, 0);
  const std::vector<std::int32_t> classes{1, 1, 0};
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1, -1, 1};

  const Fit fit = solve({&rows, classes, {}, {}, {&model, 1}, false}).front();

  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.intercept, std::log(2), 1e-12);
}

TEST_P(Solver, StaysAtZeroWithoutRows) {
  const RandomRows data(0, 2);
  const ColumnsInMemory<double> rows = data.rows();
  const Model model{1, -1, 1};

  const Fit fit = solve({&rows, {}, {}, {}, {&model, 1}}).front();

  EXPECT_TRUE(fit.converged);
  EXPECT_THAT(fit.coefficients, testing::ElementsAre(0, 0));
}

TEST_P(Solver, RefusesValuesWhoseSquaresOverflow) {
  const std::vector<double> x{1e200, -1e200};
  const std::vector<std::int32_t> classes{1, 0};
  const ColumnsInMemory<double> rows({x.data()}, 2);
  const Model model{1, -1, 1};

  EXPECT_THROW((void)solve({&rows, classes, {}, {}, {&model, 1}}), DataError);
}

TEST_P(Solver, RefusesAProblemWithoutRowsObject) { EXPECT_THROW((void)solve({}), InvalidArgument); }

TEST(StopReason, HasANameForPeople) {
  std::ostringstream out;
  out << StopReason::running << ' ' << StopReason::tolerance << ' ' << StopReason::stagnation << ' '
      << StopReason::max_iterations;
  EXPECT_EQ(out.str(), "running tolerance stagnation max_iterations");
}

}  // namespace
}  // namespace gradstep::test
