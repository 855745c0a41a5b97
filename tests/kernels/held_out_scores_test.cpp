#include "kernels/held_out_scores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/core/error.hpp"
#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

constexpr std::array<double, 9> rates{100, 3,    1,    0.5,  0.25,
                                      0.1, 0.05, 0.01, 0.001};  // more than eight

// Models that nobody has fitted: any coefficients can be scored.
ModelPath any_models(std::size_t count, std::size_t columns, double size) {
  ModelPath path;
  for (std::size_t k = 0; k < count; ++k) {
    Fit fit;
    for (std::size_t c = 0; c < columns; ++c)
      fit.coefficients.push_back(size * static_cast<double>((3 * k + 5 * c) % 7) - 2 * size);
    fit.intercept = 0.25 * size;
    path.held_out.push_back(fit);
  }
  return path;
}

// The definition; AUC pair by pair.
HeldOutScores plain(const RandomRows& data, int positive_class, const Fit& fit, int fold) {
  std::vector<double> positives;
  std::vector<double> negatives;
  double loss = 0;
  double right = 0;
  for (std::size_t r = 0; r < data.n(); ++r) {
    if (data.fold_of_row[r] != fold) continue;
    double z = fit.intercept;
    for (std::size_t c = 0; c < data.columns.size(); ++c)
      z += data.columns[c][r] * fit.coefficients[c];
    const bool positive = data.class_of_row[r] == positive_class;
    (positive ? positives : negatives).push_back(z);
    right += (z > 0) == positive ? 1 : 0;
    const double p = 1 / (1 + std::exp(-z));
    loss -= std::log(std::clamp(positive ? p : 1 - p, 0x1p-52, 1 - 0x1p-52));
  }
  double twice = 0;
  for (const double a : positives)
    for (const double b : negatives) twice += a > b ? 2 : a == b ? 1 : 0;
  const auto n = static_cast<double>(positives.size() + negatives.size());
  return {loss / n, right / n,
          twice / (2 * static_cast<double>(positives.size() * negatives.size()))};
}

void expect_scores(const RandomRows& data, double size) {
  constexpr int folds = 4;
  const ColumnsInMemory<double> rows = data.rows();
  // The weights are 0 for some rows: for the training only.
  const PathProblem problem{&rows, data.class_of_row, data.fold_of_row, data.weight, folds, rates,
                            2};
  const ModelPath path = any_models(rates.size() * folds, data.columns.size(), size);

  const std::vector<HeldOutScores> scores = score_held_out(problem, path, 2);

  ASSERT_EQ(scores.size(), path.held_out.size());
  for (std::size_t k = 0; k < scores.size(); ++k) {
    SCOPED_TRACE(k);
    const HeldOutScores expected = plain(data, 2, path.held_out[k], static_cast<int>(k % folds));
    EXPECT_NEAR(scores[k].log_loss, expected.log_loss, 1e-12 * expected.log_loss);
    EXPECT_DOUBLE_EQ(scores[k].accuracy, expected.accuracy);
    EXPECT_NEAR(scores[k].auc, expected.auc, 1e-6);  // sums of z in another order may swap a pair
  }
}

TEST(HeldOutScores, AreThoseOfTheDefinition) { expect_scores(RandomRows(3000, 4), 0.5); }

// Margins in the hundreds: probabilities of 0 and 1 are clipped.
TEST(HeldOutScores, ClipProbabilities) { expect_scores(RandomRows(2000, 3), 300); }

// A row is one fold; rows of class 0, then of class 1. Expected is scikit-learn 1.9's
// log_loss([y], [[1 - p, p]], labels=[0, 1]) with p = scipy.special.expit(z).
TEST(HeldOutScores, RoundProbabilitiesAsScikitLearnDoes) {
  const std::vector<double> z{34.3, 33, 35.875, 36.5, 20, 0.5, -34.3, 800, -800};
  const std::vector<double> expected{
      34.2518939198891,      32.99913095139373,      36.04365338911715,      36.04365338911715,
      19.999999966169824,    0.9740769841801068,     1.221245327087673e-15,  36.04365338911715,
      2.220446049250313e-16, 1.3322676295501886e-15, 4.6629367034256685e-15, 2.220446049250313e-16,
      2.220446049250313e-16, 2.0611536942919273e-09, 0.47407698418010663,    34.3,
      2.220446049250313e-16, 36.04365338911715};
  const auto n = static_cast<std::int64_t>(expected.size());
  std::vector<double> x;
  std::vector<std::int32_t> classes;
  std::vector<std::int32_t> folds;
  for (std::int64_t row = 0; row < n; ++row) {
    x.push_back(z[static_cast<std::size_t>(row) % z.size()]);
    classes.push_back(row < n / 2 ? 0 : 1);
    folds.push_back(static_cast<std::int32_t>(row));
  }
  const std::vector<double> one{1};
  const ColumnsInMemory<double> rows({x.data()}, n);
  const PathProblem problem{&rows, classes, folds, {}, static_cast<int>(n), one};
  Fit fit;
  fit.coefficients = {1};
  const ModelPath path{{}, std::vector<Fit>(expected.size(), fit)};

  const std::vector<HeldOutScores> scores = score_held_out(problem, path, 1);

  for (std::size_t row = 0; row < expected.size(); ++row)
    EXPECT_NEAR(scores[row].log_loss, expected[row], 1e-15 * std::max(1.0, expected[row])) << row;
}

TEST(HeldOutScores, AreTheSameForAnyNumberOfThreadsAndHoweverManyRatesThereAre) {
  const RandomRows data(40'003, 3);
  const ColumnsInMemory<double> rows = data.rows();
  const PathProblem problem{&rows, data.class_of_row, data.fold_of_row, {}, 4, rates};
  const ModelPath path = any_models(rates.size() * 4, 3, 1);
  const std::vector<HeldOutScores> all = score_held_out(problem, path, 1);
  PathProblem last = problem;
  last.rates = last.rates.last(1);
  const ModelPath last_models{{}, {path.held_out.end() - 4, path.held_out.end()}};

  const std::vector<HeldOutScores> threads = score_held_out(problem, path, 3);
  const std::vector<HeldOutScores> alone = score_held_out(last, last_models, 1);

  for (std::size_t k = 0; k < all.size(); ++k) {
    EXPECT_EQ(threads[k].log_loss, all[k].log_loss);
    EXPECT_EQ(threads[k].accuracy, all[k].accuracy);
    EXPECT_EQ(threads[k].auc, all[k].auc);
  }
  for (std::size_t k = 0; k < 4; ++k) {
    EXPECT_EQ(alone[k].log_loss, all[all.size() - 4 + k].log_loss);
    EXPECT_EQ(alone[k].accuracy, all[all.size() - 4 + k].accuracy);
    EXPECT_EQ(alone[k].auc, all[all.size() - 4 + k].auc);
  }
}

TEST(HeldOutScores, AreNotNumbersForAFoldWithoutRows) {
  RandomRows data(50, 2);
  for (std::int32_t& fold : data.fold_of_row) fold = fold == 3 ? 2 : fold;
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<double> one{1};
  const PathProblem problem{&rows, data.class_of_row, data.fold_of_row, {}, 4, one};

  const std::vector<HeldOutScores> scores = score_held_out(problem, any_models(4, 2, 1), 1);

  EXPECT_TRUE(std::isnan(scores[3].log_loss));
  EXPECT_TRUE(std::isnan(scores[3].accuracy));
  EXPECT_TRUE(std::isnan(scores[3].auc));
  EXPECT_FALSE(std::isnan(scores[2].log_loss));
}

TEST(HeldOutScores, RefuseAPathOfAnotherProblem) {
  const RandomRows data(50, 2);
  const ColumnsInMemory<double> rows = data.rows();
  const PathProblem problem{&rows, data.class_of_row, data.fold_of_row, {}, 4, rates};

  EXPECT_THROW((void)score_held_out(problem, any_models(4, 2, 1), 1), InvalidArgument);
  ModelPath path = any_models(rates.size() * 4, 2, 1);
  path.held_out.back().coefficients.pop_back();
  EXPECT_THROW((void)score_held_out(problem, path, 1), InvalidArgument);
}

}  // namespace
}  // namespace gradstep::test
