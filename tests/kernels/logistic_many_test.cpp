#include "kernels/logistic_many.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/random_rows.hpp"

// Sums at many points share rows and places; those at one point, which logistic_sizes_test compares
// with the definition, do not.

namespace gradstep::test {
namespace {

constexpr std::int64_t n = 40'003;  // three blocks of rows
constexpr std::int64_t d = 5;

// Models for classes 0, 1, 2 and one without rows, which leave out no fold or one of three, two of
// each. Rows of fold -1 train none of them, those of fold 3 all. The second ones may weigh their
// classes, each in another way, and one of them only its positives.
struct Models {
  RandomRows data{n, d};
  ColumnsInMemory<double> rows = data.rows();
  std::vector<Model> models;

  explicit Models(bool weigh_classes) {
    for (int positive_class = 0; positive_class < 4; ++positive_class)
      for (int fold = -1; fold < 3; ++fold) {
        models.push_back({1, fold, positive_class});
        models.push_back(models.back());
        if (weigh_classes) models.back().class_weights = {0.5 * positive_class, 1.25 + 0.25 * fold};
      }
  }

  [[nodiscard]] LogisticProblem problem(bool weighted) const {
    return {&rows, data.class_of_row, data.fold_of_row,
            weighted ? std::span<const double>(data.weight) : std::span<const double>(), models};
  }
};

constexpr std::array<double, d + 1> v{0.5, -0.25, 1, 0.125, -1, 0.75};

// Every model at the same v, twice: once at one array and once at arrays of its own.
struct Points {
  std::vector<std::vector<double>> copies;
  std::vector<LogisticPoint> shared;
  std::vector<LogisticPoint> apart;

  explicit Points(std::size_t models) : copies(models, std::vector<double>(v.begin(), v.end())) {
    for (std::size_t k = 0; k < models; ++k) {
      shared.push_back({static_cast<int>(k), v.data()});
      apart.push_back({static_cast<int>(k), copies[k].data()});
    }
  }
};

std::vector<double> gradients(const LogisticProblem& problem, std::span<const LogisticPoint> points,
                              int threads = 1) {
  std::vector<double> sums(points.size() * (d + 2));
  logistic_sums(problem, threads, Backend::cpu)->loss_and_gradient(points, sums);
  return sums;
}

std::vector<double> hessians(const LogisticProblem& problem, std::span<const LogisticPoint> points,
                             int threads = 1) {
  std::vector<double> sums(points.size() * (d + 1) * (d + 1));
  logistic_sums(problem, threads, Backend::cpu)->hessian(points, sums);
  return sums;
}

// Every entry is a sum of at most n terms: weights up to 1.5, residuals up to 1, losses up to 20
// and features up to 5 in size, products up to 25. Sums in another order differ by at most n
// roundings of the sum of the sizes in the worst case, and by about sqrt(n) of them as a rule: the
// bound is ten times that. A row too many or too few makes far more.
constexpr double largest_term = 40;
constexpr double roundings = 2000;
constexpr double most_apart = roundings * std::numeric_limits<double>::epsilon();

void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k)
    EXPECT_NEAR(found[k], expected[k], most_apart * (std::abs(expected[k]) + largest_term)) << k;
}

class ManyPointsOf : public testing::TestWithParam<bool> {
 protected:
  const Models all{GetParam()};
  const Points points{all.models.size()};
};
INSTANTIATE_TEST_SUITE_P(models, ManyPointsOf, testing::Bool(), [](const auto& weighed) {
  return weighed.param ? "that_weigh_classes" : "that_do_not";
});

TEST_P(ManyPointsOf, HaveTheSumsOfEachPointAlone) {
  for (const bool weighted : {false, true}) {
    const LogisticProblem problem = all.problem(weighted);
    std::vector<double> gradients_alone;
    std::vector<double> hessians_alone;
    for (const LogisticPoint& point : points.apart) {
      const std::vector<double> gradient = gradients(problem, {&point, 1});
      gradients_alone.insert(gradients_alone.end(), gradient.begin(), gradient.end());
      const std::vector<double> hessian = hessians(problem, {&point, 1});
      hessians_alone.insert(hessians_alone.end(), hessian.begin(), hessian.end());
    }

    expect_near(gradients(problem, points.apart), gradients_alone);
    expect_near(gradients(problem, points.shared), gradients_alone);
    expect_near(hessians(problem, points.shared), hessians_alone);
  }
}

TEST_P(ManyPointsOf, HaveTheSameBitsForAnyNumberOfThreads) {
  for (const bool weighted : {false, true}) {
    const LogisticProblem problem = all.problem(weighted);
    const std::vector<double> apart = gradients(problem, points.apart);
    const std::vector<double> shared = gradients(problem, points.shared);
    const std::vector<double> hessian = hessians(problem, points.shared);

    for (const int threads : {2, 3, 8, 4096}) {  // from 6 on the points are shared out, too
      EXPECT_EQ(gradients(problem, points.apart, threads), apart);
      EXPECT_EQ(gradients(problem, points.shared, threads), shared);
      EXPECT_EQ(hessians(problem, points.shared, threads), hessian);
    }
  }
}

// Forty folds and so many points that their sums do not fit into the memory of one read.
TEST(ManyPoints, AreTakenAFewAtATimeWhereTheyAreTooMany) {
  constexpr std::size_t count = 16'000;
  RandomRows data(200, d);
  for (std::size_t r = 0; r < data.n(); ++r)
    data.fold_of_row[r] = static_cast<std::int32_t>(r % 40);
  const ColumnsInMemory<double> rows = data.rows();
  std::vector<Model> models;
  for (int fold = 0; fold < 40; ++fold) models.push_back({1, fold});
  const LogisticProblem problem{&rows, data.class_of_row, data.fold_of_row, {}, models};
  std::vector<std::array<double, d + 1>> at(count, v);
  std::vector<LogisticPoint> points;
  for (std::size_t k = 0; k < count; ++k) {
    at[k][1] += static_cast<double>(k) / count;
    points.push_back({static_cast<int>(k % models.size()), at[k].data()});
  }
  ASSERT_LT(ManyPoints::first_that_fit(problem, FoldSlots(models), points), count);

  const std::vector<double> found = gradients(problem, points);

  for (std::size_t k = 0; k < count; k += 197) {
    const auto sums = found.begin() + static_cast<std::ptrdiff_t>(k * (d + 2));
    expect_near({sums, sums + d + 2}, gradients(problem, {&points[k], 1}));
  }
}

// Eight models a class fill their lanes, one a class leaves seven empty.
TEST(ManyPoints, FillLanesUnlessTheirClassesAreTooMany) {
  const RandomRows data(100, d);
  const ColumnsInMemory<double> rows = data.rows();
  const auto fill_lanes = [&](int classes, int of_each) {
    std::vector<Model> models;
    for (int k = 0; k < classes * of_each; ++k) models.push_back({1, -1, k % classes});
    const LogisticProblem problem{&rows, data.class_of_row, {}, {}, models};
    const FoldSlots slots(models);
    const Points points(models.size());
    return ManyPoints(problem, slots, points.apart, 1).fill_lanes();
  };

  EXPECT_TRUE(fill_lanes(1, 10));
  EXPECT_TRUE(fill_lanes(3, 5));
  EXPECT_TRUE(fill_lanes(10, 8));
  EXPECT_FALSE(fill_lanes(10, 1));
  EXPECT_FALSE(fill_lanes(10, 3));
}

// log(1 + e^-m) of a row far on the right side is e^-m, which 1 + e^-m does not hold.
TEST(ManyPoints, KeepLossesThatAreFarBelowOneRounding) {
  const std::vector<double> x{40, 60, -50};
  const std::vector<std::int32_t> classes{1, 1, 0};
  const ColumnsInMemory<double> rows({x.data()}, 3);
  const Model model{};
  const std::vector<double> at{1, 0};
  const std::vector<LogisticPoint> points(ManyPoints::fewest, {0, at.data()});
  std::vector<double> sums(points.size() * 3);

  logistic_sums({&rows, classes, {}, {}, {&model, 1}}, 1, Backend::cpu)
      ->loss_and_gradient(points, sums);

  const double expected = std::exp(-40) + std::exp(-50) + std::exp(-60);
  for (std::size_t k = 0; k < points.size(); ++k) EXPECT_DOUBLE_EQ(sums[3 * k], expected);
}

}  // namespace
}  // namespace gradstep::test
