#include "kernels/model_path.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/gradient_descent.hpp"
#include "tests/support/every_backend.hpp"
#include "tests/support/every_solver.hpp"
#include "tests/support/random_rows.hpp"

// That the optima are scikit-learn's, path_cases_test.py says.

namespace gradstep::test {
namespace {

class ModelPathOn : public EveryBackend {
 protected:
  static ModelPath fit(const PathProblem& problem, SolverOptions options = {}) {
    options.backend = backend();
    return fit_path(problem, options);
  }
};
INSTANTIATE_TEST_SUITE_P(on, ModelPathOn, testing::Values(Backend::cpu, Backend::cuda),
                         backend_name);

constexpr std::array<double, 4> rates{100, 3, 1, 0.01};

// Each model by gradient_descent(), to the last digits; both within the tolerance of the optimum.
void expect_optima(const ModelPath& path, const PathProblem& problem) {
  const auto folds = static_cast<std::size_t>(problem.folds);
  ASSERT_EQ(path.whole.size(), problem.rates.size());
  ASSERT_EQ(path.held_out.size(), problem.rates.size() * folds);
  for (std::size_t r = 0; r < problem.rates.size(); ++r)
    for (int fold = -1; fold < problem.folds; ++fold) {
      SCOPED_TRACE("rate " + std::to_string(problem.rates[r]) + " fold " + std::to_string(fold));
      Model model{problem.rates[r], fold, problem.positive_class};
      if (!problem.class_weights.empty())
        model.class_weights = problem.class_weights.begin()[fold + 1];
      const Fit expected = gradient_descent({problem.rows,
                                             problem.class_of_row,
                                             problem.fold_of_row,
                                             problem.row_weight,
                                             {&model, 1},
                                             problem.penalize_intercept},
                                            {})
                               .front();

      const Fit& found =
          fold < 0 ? path.whole[r] : path.held_out[r * folds + static_cast<std::size_t>(fold)];

      EXPECT_TRUE(found.converged);
      EXPECT_LE(distance(found, expected), 2e-8);  // each within 1e-8 of the optimum
      EXPECT_NEAR(found.objective, expected.objective, 1e-9 * expected.objective);
    }
}

void expect_same(const std::vector<Fit>& found, const std::vector<Fit>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k) {
    SCOPED_TRACE(k);
    EXPECT_EQ(found[k].coefficients, expected[k].coefficients);
    EXPECT_EQ(found[k].intercept, expected[k].intercept);
    EXPECT_EQ(found[k].objective, expected[k].objective);
    EXPECT_EQ(found[k].gradient_norm, expected[k].gradient_norm);
    EXPECT_EQ(found[k].iterations, expected[k].iterations);
    EXPECT_EQ(found[k].passes, expected[k].passes);
    EXPECT_EQ(found[k].converged, expected[k].converged);
  }
}

TEST_P(ModelPathOn, ReachesTheOptimumOfEveryModel) {
  const RandomRows data(3000, 4);
  const ColumnsInMemory<double> rows = data.rows();
  for (const bool penalize : {false, true}) {
    const PathProblem problem{&rows, data.class_of_row, data.fold_of_row, data.weight, 4, rates,
                              2,     penalize};

    expect_optima(fit(problem), problem);
  }
}

// Each fold has weights of its own, which are far from those of all rows for one of them.
TEST_P(ModelPathOn, WeighsTheClassesOfEachFoldsModels) {
  const RandomRows data(3000, 4);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<TwoClassWeights> weights{{0.5, 2}, {0.5, 2.25}, {0.75, 2}, {20, 0.1}, {1, 1}};
  for (const bool row_weights : {false, true}) {
    PathProblem problem{&rows, data.class_of_row, data.fold_of_row, {}, 4, rates};
    if (row_weights) problem.row_weight = data.weight;
    problem.class_weights = weights;

    expect_optima(fit(problem), problem);
  }
}

// A few separable rows: without a fold the optimum is far from that of all, and the steps from
// there lead nowhere.
TEST_P(ModelPathOn, ReachesOptimaThatAreFarApart) {
  RandomRows data(60, 5);
  for (std::size_t r = 0; r < data.n(); ++r) {
    data.class_of_row[r] = data.columns[0][r] + data.columns[1][r] > 0 ? 1 : 0;
    data.fold_of_row[r] = static_cast<std::int32_t>(r % 3);
  }
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<double> small{1e-2, 1e-4};
  const PathProblem problem{&rows, data.class_of_row, data.fold_of_row, {}, 3, small};

  expect_optima(fit(problem), problem);
}

TEST_P(ModelPathOn, FitsEveryRateWhateverTheirOrder) {
  const RandomRows data(500, 3);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<double> mixed{0.01, 1000, 1, 1};
  const PathProblem problem{&rows, data.class_of_row, data.fold_of_row, {}, 4, mixed};

  const ModelPath path = fit(problem);

  expect_optima(path, problem);
  EXPECT_EQ(path.whole[2].coefficients, path.whole[3].coefficients);
}

TEST_P(ModelPathOn, HasTheSameBitsForAnyNumberOfThreads) {
  const std::vector<TwoClassWeights> weights{{0.5, 2}, {0.5, 2.25}, {0.75, 2}, {1, 1}, {0.5, 2}};
  for (const std::int64_t n : {3000, 70'003}) {  // one block of rows; five, and a sample
    const RandomRows data(n, 3);
    const ColumnsInMemory<double> rows = data.rows();
    PathProblem problem{&rows, data.class_of_row, data.fold_of_row, data.weight, 4, rates};
    if (n > 3000) problem.class_weights = weights;
    const ModelPath one = fit(problem, {.threads = 1});

    for (const int threads : {3, 4096}) {
      const ModelPath many = fit(problem, {.threads = threads});

      expect_same(many.whole, one.whole);
      expect_same(many.held_out, one.held_out);
    }
  }
}

TEST(ModelPath, RefusesWhatDoesNotFit) {
  const RandomRows data(20, 2);
  const ColumnsInMemory<double> rows = data.rows();
  const PathProblem good{&rows, data.class_of_row, data.fold_of_row, data.weight, 4, rates};
  const auto refuses = [&](auto spoil) {
    PathProblem problem = good;
    spoil(problem);
    EXPECT_THROW((void)fit_path(problem, {}), InvalidArgument);
  };

  refuses([](PathProblem& problem) { problem.rows = nullptr; });
  refuses([](PathProblem& problem) { problem.class_of_row = {}; });
  refuses([](PathProblem& problem) { problem.fold_of_row = {}; });
  refuses([](PathProblem& problem) { problem.row_weight = problem.row_weight.first(3); });
  refuses([](PathProblem& problem) { problem.folds = 3; });  // there are rows of fold 3
  refuses([](PathProblem& problem) { problem.folds = 1; });
  refuses([](PathProblem& problem) { problem.rates = {}; });
  const std::vector<TwoClassWeights> one_too_few(4);
  refuses([&](PathProblem& problem) { problem.class_weights = one_too_few; });
  const std::vector<double> none{1, 0};
  refuses([&](PathProblem& problem) { problem.rates = none; });
}

}  // namespace
}  // namespace gradstep::test
