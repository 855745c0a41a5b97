// Fits that start on a sample of the rows, whatever the sample says. The optimum is known from half
// as many rows, too few for a sample, that count twice.

#include <gtest/gtest.h>

#include <algorithm>
#include <barrier>
#include <cmath>
#include <numeric>
#include <random>
#include <span>
#include <sstream>
#include <thread>

#include "kernels/solver_state.hpp"
#include "tests/support/every_solver.hpp"
#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

class SampledStart : public EverySolver {};
INSTANTIATE_TEST_SUITE_P(on, SampledStart, every_solver(), solver_name);

constexpr std::size_t half = 30'000;  // a sample of 1920 rows; the least is 2048

bool in_sample(std::size_t row) { return row % 2048 < 128; }

// Every row of `data` twice, in the order of `order`: those first go where the sample is taken.
RandomRows twice(const RandomRows& data, const std::vector<std::size_t>& order) {
  RandomRows both(0, static_cast<std::int64_t>(data.columns.size()));
  const std::size_t n = 2 * order.size();
  both.class_of_row.resize(n);
  for (auto& column : both.columns) column.resize(n);
  std::size_t taken = 0;
  for (const bool sampled : {true, false})
    for (std::size_t r = 0; r < n; ++r) {
      if (in_sample(r) != sampled) continue;
      const std::size_t from = order[taken++ / 2];
      both.class_of_row[r] = data.class_of_row[from];
      for (std::size_t c = 0; c < data.columns.size(); ++c)
        both.columns[c][r] = data.columns[c][from];
    }
  return both;
}

std::vector<std::size_t> in_file_order() {
  std::vector<std::size_t> order(half);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

RandomRows data_of_two_classes() {
  RandomRows data(half, 3);
  for (std::int32_t& c : data.class_of_row) c = c > 0 ? 1 : 0;
  return data;
}

class Expected {
 public:
  explicit Expected(double reg) : model_{reg, -1, 1} {}

  // The fit of `data`, whose rows count twice.
  template <class Solve>
  [[nodiscard]] Fit fit(const RandomRows& data, const Solve& solve) const {
    const std::vector<double> weight(data.n(), 2);
    const ColumnsInMemory<double> rows = data.rows();
    return solve({&rows, data.class_of_row, {}, weight, {&model_, 1}}).front();
  }

  template <class Solve>
  [[nodiscard]] Fit fit_of_all(const RandomRows& data, const Solve& solve) const {
    const ColumnsInMemory<double> rows = data.rows();
    return solve({&rows, data.class_of_row, {}, {}, {&model_, 1}}).front();
  }

 private:
  Model model_;
};

TEST_P(SampledStart, ReachesTheOptimumInFewPasses) {
  const RandomRows data = data_of_two_classes();
  for (const double reg : {1e-4, 1.0, 1000.0}) {
    SCOPED_TRACE(reg);
    const auto solving = [](const LogisticProblem& problem) { return solve(problem); };
    const Fit expected = Expected(reg).fit(data, solving);

    const Fit fit = Expected(reg).fit_of_all(twice(data, in_file_order()), solving);

    EXPECT_EQ(expected.sample_reads, 0);
    EXPECT_GT(fit.sample_reads, 0);
    EXPECT_LT(fit.sample_reads, 2);
    EXPECT_TRUE(fit.converged);
    EXPECT_LE(distance(fit, expected), 2e-8);
    EXPECT_LE(fit.passes, 8);
  }
}

// Sorted so that the sample sees one end of a column only, one class only, or the opposite of what
// the rest says.
TEST_P(SampledStart, ReachesTheOptimumWhateverTheSampleSays) {
  RandomRows data = data_of_two_classes();
  const auto by_column = [&](std::size_t a, std::size_t b) {
    return data.columns[0][a] < data.columns[0][b];
  };
  const auto by_class = [&](std::size_t a, std::size_t b) {
    return data.class_of_row[a] < data.class_of_row[b];
  };
  const auto against = [&](std::size_t r) {
    return (data.columns[0][r] > 0) != (data.class_of_row[r] == 1);
  };
  std::vector<std::vector<std::size_t>> orders(3, in_file_order());
  std::sort(orders[0].begin(), orders[0].end(), by_column);
  std::sort(orders[1].begin(), orders[1].end(), by_class);
  std::partition(orders[2].begin(), orders[2].end(), against);
  const auto solving = [](const LogisticProblem& problem) { return solve(problem); };
  for (const double reg : {1e-4, 1.0}) {
    const Fit expected = Expected(reg).fit(data, solving);
    for (std::size_t k = 0; k < orders.size(); ++k) {
      SCOPED_TRACE(testing::Message() << "order " << k << ", reg " << reg);

      const Fit fit = Expected(reg).fit_of_all(twice(data, orders[k]), solving);

      EXPECT_TRUE(fit.converged);
      EXPECT_LE(distance(fit, expected), 2e-8);
      if (k == 2) {
        EXPECT_GE(fit.sample_reads, 1) << "worse than v = 0, which takes a read to see";
      }
      EXPECT_LE(fit.passes, 40);
      EXPECT_LE(fit.hessians, 7);
    }
  }
}

// A column that is 0 in all rows of the sample.
TEST_P(SampledStart, LearnsOfAColumnThatTheSampleDoesNotKnow) {
  RandomRows data = data_of_two_classes();
  for (std::size_t r = 0; r < half; ++r) {
    data.columns[2][r] = r % 10 == 9 ? 50 : 0;
    if (r % 10 == 9 && r % 3 > 0) data.class_of_row[r] = 1;
  }
  std::vector<std::size_t> order = in_file_order();
  std::partition(order.begin(), order.end(),
                 [&](std::size_t r) { return data.columns[2][r] == 0; });
  const auto solving = [](const LogisticProblem& problem) { return solve(problem); };
  const Fit expected = Expected(1e-3).fit(data, solving);

  const Fit fit = Expected(1e-3).fit_of_all(twice(data, order), solving);

  EXPECT_TRUE(fit.converged);
  EXPECT_LE(distance(fit, expected), 2e-8);
}

TEST_P(SampledStart, ServesModelsWithFoldsWeightsAndClasses) {
  const RandomRows data(60'000, 3);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<Model> models{
      {1, -1, 1}, {1, 0, 0}, {0.01, 3, 2}, {1, -1, 1, {0.25, 3}}, {0.01, 0, 2, {10, 0.1}}};

  const auto together =
      solve({&rows, data.class_of_row, data.fold_of_row, data.weight, models, false});

  for (std::size_t k = 0; k < models.size(); ++k) {
    SCOPED_TRACE(k);
    EXPECT_TRUE(together[k].converged);
    EXPECT_GT(together[k].sample_reads, 0);
    // The same rows scattered otherwise: another sample, the same optimum.
    RandomRows reversed = data;
    for (auto& column : reversed.columns) std::reverse(column.begin(), column.end());
    std::reverse(reversed.class_of_row.begin(), reversed.class_of_row.end());
    std::reverse(reversed.fold_of_row.begin(), reversed.fold_of_row.end());
    std::reverse(reversed.weight.begin(), reversed.weight.end());
    const ColumnsInMemory<double> reversed_rows = reversed.rows();
    const Fit alone = solve({&reversed_rows, reversed.class_of_row, reversed.fold_of_row,
                             reversed.weight, std::span(models).subspan(k, 1), false})
                          .front();
    EXPECT_LE(distance(together[k], alone), 2e-8);
  }
}

// The sample's Hessian, scaled up by rows, is a multiple of that of all rows: a step that leaves
// little does not show that it is the same then.
class MisleadingScale {
 public:
  explicit MisleadingScale(unsigned seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform;
    for (std::size_t r = 0; r < n; ++r) {
      first_.push_back(normal(random));
      second_.push_back(normal(random));
      const double score = 0.3 + 1.1 * first_[r] - 0.7 * second_[r];
      class_of_row_.push_back(uniform(random) < 1 / (1 + std::exp(-score)) ? 1 : 0);
    }
  }

  // Fits with tolerance 1e-8 are that close to the optimum, or do not say that they have converged.
  template <class Solve>
  void expect_true_errors(const Solve& solve, std::span<const std::int32_t> folds,
                          std::span<const double> weights, int held_out_fold) const {
    const ColumnsInMemory<double> rows({first_.data(), second_.data()}, n);
    for (const double reg : {1e-3, 1.0, 10.0, 30.0}) {
      SCOPED_TRACE(reg);
      const Model model{reg, held_out_fold, 1};
      const LogisticProblem problem{&rows, class_of_row_, folds, weights, {&model, 1}};
      const Fit expected = solve(problem, SolverOptions{.tolerance = 1e-13}).front();

      const Fit fit = solve(problem, SolverOptions{.tolerance = 1e-8}).front();

      EXPECT_TRUE(fit.converged);
      EXPECT_GT(fit.sample_reads, 0);
      EXPECT_LE(distance(fit, expected), 1e-8);
    }
  }

  static constexpr std::size_t n = 40'000;

 private:
  std::vector<double> first_, second_;
  std::vector<std::int32_t> class_of_row_;
};

// `in` for the rows of the sample, else `out`.
template <class T>
std::vector<T> by_sample(T in, T out) {
  std::vector<T> values;
  for (std::size_t r = 0; r < MisleadingScale::n; ++r) values.push_back(in_sample(r) ? in : out);
  return values;
}

TEST_P(SampledStart, IsWithinTheToleranceThoughTheSampleWeighsMore) {
  const auto weights = by_sample(1.0, 0.05);
  for (unsigned seed = 1; seed <= 3; ++seed)
    MisleadingScale(seed).expect_true_errors(&solve, {}, weights, -1);
}

TEST_P(SampledStart, IsWithinTheToleranceThoughOnlyTheSampleTrains) {
  const auto folds = by_sample<std::int32_t>(0, 1);
  for (unsigned seed = 1; seed <= 3; ++seed)
    MisleadingScale(seed).expect_true_errors(&solve, folds, {}, 1);
}

TEST_P(SampledStart, GoesOnFromAWrittenStateWithTheSameBits) {
  const RandomRows data(40'000, 3);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<Model> models{{1e-3, -1, 2}, {10, -1, 2}};
  const LogisticProblem problem{&rows, data.class_of_row, {}, {}, models};
  const SolverOptions options{.backend = GetParam().backend};
  SolverState whole;
  (void)GetParam().solve(problem, options, &whole, {});

  SolverState state;
  int calls = 0;
  for (bool ended = false; !ended; ++calls) {
    ASSERT_LT(calls, 100);
    ended = true;
    (void)GetParam().solve(problem, options, &state, [&](const SolverState&) {
      ended = false;
      return false;
    });
    std::stringstream bytes;
    state.write(bytes);
    state = SolverState::read(bytes);
  }

  EXPECT_GT(calls, 1);
  EXPECT_EQ(state, whole);
}

// One process has almost no rows, and so next to no sample; all must go the same way.
TEST_P(SampledStart, GoesTheSameWayInEveryProcess) {
  const RandomRows data(60'000, 3);
  const Model model{1, -1, 1};
  const std::array<std::size_t, 3> bounds{0, 59'990, 60'000};
  std::barrier meeting(2);
  std::vector<std::vector<double>> sent(2);
  std::vector<Fit> fits(2);
  const auto process = [&](std::size_t rank) {
    std::vector<const double*> columns;
    for (const auto& column : data.columns) columns.push_back(column.data() + bounds[rank]);
    const std::size_t n = bounds[rank + 1] - bounds[rank];
    const ColumnsInMemory<double> rows(columns, static_cast<std::int64_t>(n));
    const LogisticProblem problem{
        &rows, std::span(data.class_of_row).subspan(bounds[rank], n), {}, {}, {&model, 1}};
    fits[rank] = solve(problem, {.reduce =
                                     [&, rank](std::span<double> sums) {
                                       sent[rank].assign(sums.begin(), sums.end());
                                       meeting.arrive_and_wait();
                                       for (std::size_t k = 0; k < sums.size(); ++k)
                                         sums[k] = sent[0][k] + sent[1][k];
                                       meeting.arrive_and_wait();
                                     }})
                     .front();
  };

  {
    const std::jthread other(process, 1);
    process(0);
  }

  const ColumnsInMemory<double> rows = data.rows();
  const Fit whole = solve({&rows, data.class_of_row, {}, {}, {&model, 1}}).front();
  EXPECT_EQ(fits[0].coefficients, fits[1].coefficients);
  EXPECT_GT(fits[1].sample_reads, 0);
  EXPECT_LE(distance(fits[0], whole), 2e-8);
}

}  // namespace
}  // namespace gradstep::test
