#include "kernels/decision_function.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/core/error.hpp"
#include "tests/support/every_backend.hpp"
#include "tests/support/every_size.hpp"

namespace gradstep::test {
namespace {

using Columns = std::vector<std::vector<double>>;

std::vector<const double*> views_of(const Columns& columns) {
  std::vector<const double*> views;
  for (const std::vector<double>& column : columns) views.push_back(column.data());
  return views;
}

std::vector<double> decide(const Columns& columns, const LinearModel& model, Backend backend,
                           int threads = 2, std::int64_t device_memory = 0) {
  std::vector<double> z(columns.at(0).size());
  decision_function(views_of(columns), model, z, threads, backend, device_memory);
  return z;
}

// The definition, an operation at a time; volatile: each result is rounded before it is used.
std::vector<double> by_definition(const Columns& columns, const LinearModel& model) {
  std::vector<double> z(columns.at(0).size());
  for (std::size_t r = 0; r < z.size(); ++r) {
    volatile double sum = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      volatile double value = columns[c][r];
      if (!model.scales.empty()) {
        value = value * model.scales[c].scale;
        value = value + model.scales[c].offset;
      }
      const volatile double product = value * model.weights[c];
      sum = sum + product;
    }
    z[r] = sum + model.intercept;
  }
  return z;
}

void expect_same_bits(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t r = 0; r < found.size(); ++r)
    ASSERT_EQ(std::bit_cast<std::uint64_t>(found[r]), std::bit_cast<std::uint64_t>(expected[r]))
        << "row " << r << ": " << found[r] << " and " << expected[r];
}

class DecisionFunction : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(on, DecisionFunction, testing::Values(Backend::cpu, Backend::cuda),
                         backend_name);

TEST_P(DecisionFunction, AddsProductsAndTheIntercept) {
  const std::vector<double> w{2, -1};

  EXPECT_EQ(decide({{1, 2, 3}, {10, 20, 30}}, {.weights = w, .intercept = 0.5}, backend()),
            (std::vector<double>{-7.5, -15.5, -23.5}));
}

TEST_P(DecisionFunction, ScalesFirst) {
  const std::vector<double> w{4, 1};
  const std::vector<ColumnScale> scales{{2, 6, 0.25, -0.5}, {0, 1, 1, 0}};

  EXPECT_EQ(decide({{2, 4, 6}, {3, 3, 3}}, {w, 1, scales}, backend()),
            (std::vector<double>{4, 6, 8}));
}

// 1e16 + 1 is rounded to 1e16: from the first feature to the last the 1 is lost, backwards not.
TEST_P(DecisionFunction, AddsFromTheFirstFeatureToTheLastThenTheIntercept) {
  const std::vector<double> ones{1, 1, 1};

  EXPECT_EQ(decide({{1e16}, {1}, {-1e16}}, {.weights = ones}, backend())[0], 0);
  EXPECT_EQ(decide({{1e16}, {-1e16}, {1}}, {.weights = ones}, backend())[0], 1);
  EXPECT_EQ(decide({{0}, {1e16}, {1}}, {.weights = ones, .intercept = -1e16}, backend())[0], 0);
}

// (1 + 2^-30)^2 = 1 + 2^-29 + 2^-60: the last term is lost unless product and sum are fused.
TEST_P(DecisionFunction, RoundsEveryProduct) {
  const double x = 1 + std::ldexp(1.0, -30);
  const std::vector<double> w{1, x};
  const std::vector<ColumnScale> scales{{0, 0, 1, 0}, {0, 0, x, -(1 + std::ldexp(1.0, -29))}};

  EXPECT_EQ(decide({{-(1 + std::ldexp(1.0, -29))}, {x}}, {.weights = w}, backend())[0], 0);
  EXPECT_EQ(decide({{0}, {x}}, {w, 0, scales}, backend())[0], 0);
}

TEST_P(DecisionFunction, IsTheInterceptWhereThereAreNoFeatures) {
  std::vector<double> z(3);
  decision_function({}, {.weights = {}, .intercept = -2}, z, 1, backend());

  EXPECT_EQ(z, (std::vector<double>{-2, -2, -2}));
}

TEST_P(DecisionFunction, IsNotANumberWhereTheSumOverflowsBothWays) {
  const double largest = std::numeric_limits<double>::max();
  const std::vector<double> w{2, 2};

  EXPECT_TRUE(std::isnan(decide({{largest}, {-largest}}, {.weights = w}, backend())[0]));
  EXPECT_EQ(decide({{largest}, {0}}, {.weights = w}, backend())[0],
            std::numeric_limits<double>::infinity());
}

TEST_P(DecisionFunction, RefusesLengthsThatDiffer) {
  const std::vector<double> column{1};
  const std::vector<double> w{1, 2};
  const std::vector<ColumnScale> one(1);
  std::vector<double> z(1);
  const double* const both[] = {column.data(), column.data()};

  EXPECT_THROW(decision_function(std::span(both).first(1), {.weights = w}, z, 1, backend()),
               InvalidArgument);
  EXPECT_THROW(decision_function(both, {w, 0, one}, z, 1, backend()), InvalidArgument);
}

class DecisionFunctionEverySize : public EverySize {
 protected:
  void SetUp() override {
    EverySize::SetUp();
    std::mt19937_64 random(11);
    std::normal_distribution<double> normal;
    const auto height = static_cast<std::size_t>(rows());
    for (std::int64_t c = 0; c < columns(); ++c) {
      std::vector<double>& column = data.emplace_back(height);
      for (double& value : column) value = normal(random);
      weights.push_back(normal(random));
      scales.push_back({0, 0, normal(random), normal(random)});
    }
  }
  Columns data;
  std::vector<double> weights;
  std::vector<ColumnScale> scales;
};
INSTANTIATE_TEST_SUITE_P(on, DecisionFunctionEverySize, testing::ValuesIn(every_size(1'000'000)),
                         size_name);

TEST_P(DecisionFunctionEverySize, HasTheBitsOfTheDefinition) {
  for (const LinearModel& model :
       {LinearModel{weights, 0.25, {}}, LinearModel{weights, 0.25, scales}}) {
    expect_same_bits(decide(data, model, backend(), 8), by_definition(data, model));
  }
}

// Room for a block of 256 rows at a time, or two of a single column.
TEST_P(DecisionFunctionEverySize, HasTheSameBitsInSlabsOfABlock) {
  const LinearModel model{weights, -1.5, scales};
  expect_same_bits(decide(data, model, backend(), 1, 20'000), by_definition(data, model));
}

TEST(DecisionFunctionOnCpu, HasTheSameBitsForAnyNumberOfThreads) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  Columns columns(5, std::vector<double>(200'001));
  for (auto& column : columns)
    for (double& value : column) value = normal(random);
  const std::vector<double> w{1, -2, 0.3, 4e-9, 5};
  const std::vector<double> alone = decide(columns, {.weights = w}, Backend::cpu, 1);

  for (const int threads : {2, 3, 8})
    expect_same_bits(decide(columns, {.weights = w}, Backend::cpu, threads), alone);
}

}  // namespace
}  // namespace gradstep::test
