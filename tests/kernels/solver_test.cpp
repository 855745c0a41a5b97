#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "kernels/core/error.hpp"
#include "tests/support/every_solver.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

class Solver : public EverySolver {};
INSTANTIATE_TEST_SUITE_P(on, Solver, every_solver(), solver_name);

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

// Each model alone, on only the rows that train it, with its labels made 0 and 1 and the weights of
// its classes given to the rows.
TEST_P(Solver, TrainsModelsTogetherAsItTrainsThemAlone) {
  const RandomRows data(3000, 4);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<Model> models{
      {1, -1, 1},        {100, -1, 1},      {1, 0, 0},           {0.01, 3, 2},
      {1, 3, 2},         {1, 0, 0, {2, 2}}, {1, 3, 2, {0.1, 5}}, {0.01, -1, 0, {7, 0.5}},
      {1, -1, 1, {3, 1}}};
  const auto together = solve({&rows, data.class_of_row, data.fold_of_row, data.weight, models});

  for (std::size_t k = 0; k < models.size(); ++k) {
    SCOPED_TRACE(k);
    RandomRows own(0, 4);
    for (std::size_t r = 0; r < data.n(); ++r) {
      if (data.fold_of_row[r] < 0 || data.fold_of_row[r] == models[k].held_out_fold) continue;
      for (std::size_t c = 0; c < 4; ++c) own.columns[c].push_back(data.columns[c][r]);
      own.class_of_row.push_back(data.class_of_row[r] == models[k].positive_class ? 1 : 0);
      const TwoClassWeights& of_class = models[k].class_weights;
      own.weight.push_back(data.weight[r] *
                           (own.class_of_row.back() == 1 ? of_class.positive : of_class.negative));
    }
    const ColumnsInMemory<double> own_rows = own.rows();
    const Model model{models[k].reg, -1, 1};

    const Fit alone = solve({&own_rows, own.class_of_row, {}, own.weight, {&model, 1}}).front();

    EXPECT_TRUE(together[k].converged);
    EXPECT_LE(distance(together[k], alone), 2e-8);  // each within 1e-8 of the optimum
  }
}

TEST_P(Solver, DoesNotSeeRowsThatTrainNoModel) {
  RandomRows data(300, 3);
  for (std::int32_t& c : data.class_of_row) c = c > 0 ? 1 : 0;
  RandomRows extreme = data;
  for (std::size_t r = 0; r < data.n(); ++r)
    if (data.fold_of_row[r] < 0)
      for (std::size_t c = 0; c < 3; ++c) extreme.columns[c][r] = c == 0 ? 1e308 : -1e308;
  const Model model{1, -1, 1};
  const ColumnsInMemory<double> rows = data.rows();
  const ColumnsInMemory<double> extreme_rows = extreme.rows();

  const Fit fit = solve({&rows, data.class_of_row, data.fold_of_row, {}, {&model, 1}}).front();
  const Fit beside =
      solve({&extreme_rows, data.class_of_row, data.fold_of_row, {}, {&model, 1}}).front();

  EXPECT_TRUE(fit.converged);
  expect_same_bits(fit, beside);
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

}  // namespace
}  // namespace gradstep::test
