#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/gradient_descent.hpp"
#include "kernels/logistic.hpp"
#include "kernels/model_path.hpp"
#ifndef __CUDACC__
#include "runtime/traffic.hpp"
#endif
#include "tests/support/every_backend.hpp"
#include "tests/support/every_solver.hpp"
#include "tests/support/random_rows.hpp"

// What a path of 160 models costs on a device, and that it ends where it does on the CPU.

namespace gradstep::test {
namespace {

constexpr std::int64_t n = 503;
constexpr std::int64_t d = 3;
constexpr int folds = 4;

class ModelPathDevice : public testing::Test {
 protected:
  void SetUp() override { GRADSTEP_SKIP_UNLESS_AVAILABLE(Backend::cuda); }

  RandomRows data{n, d};
  ColumnsInMemory<double> rows = data.rows();
  std::vector<double> rates = rates_from_a_hundred_down();

  static std::vector<double> rates_from_a_hundred_down() {
    std::vector<double> rates;
    for (int r = 0; r < 32; ++r) rates.push_back(std::pow(10, 2 - r / 10.0));
    return rates;
  }
  [[nodiscard]] PathProblem problem() const {
    return {&rows, data.class_of_row, data.fold_of_row, {}, folds, rates};
  }
};

TEST_F(ModelPathDevice, EndsWhereTheCpuDoes) {
  const ModelPath found = fit_path(problem(), {.backend = Backend::cuda});
  const ModelPath expected = fit_path(problem(), {});

  for (std::size_t k = 0; k < expected.held_out.size(); ++k)
    EXPECT_LE(distance(found.held_out[k], expected.held_out[k]), 2e-8) << k;
  for (std::size_t k = 0; k < expected.whole.size(); ++k)
    EXPECT_LE(distance(found.whole[k], expected.whole[k]), 2e-8) << k;
}

// Of all models of two rates at one v each, and at copies of it, which share nothing.
struct Hessians {
  static constexpr std::size_t length = (d + 1) * (d + 1);
  std::vector<std::vector<double>> v;
  std::vector<Model> models;
  std::vector<LogisticPoint> shared;
  std::vector<LogisticPoint> apart;

  explicit Hessians(bool weigh_classes) {
    v.reserve(2 * folds + 4);
    for (const double scale : {1.0, -0.5})
      v.push_back({0.5 * scale, -0.25 * scale, scale, 0.125 * scale});
    for (std::size_t k = 0; k < 2; ++k)
      for (int fold = -1; fold < folds; ++fold) {
        const auto model = static_cast<int>(models.size());
        models.push_back({1, fold, 1});
        if (weigh_classes) models.back().class_weights = {0.5, 1.5 + 0.25 * (fold + 1)};
        v.push_back(v[k]);
        shared.push_back({model, v[k].data()});
        apart.push_back({model, v.back().data()});
      }
  }
};

// Sums of n terms in another order differ by at most n roundings of the sum of the sizes, which are
// at most 25 / 4: features are below 5 in size, p (1 - p) is at most 1/4.
TEST_F(ModelPathDevice, HasTheSameHessiansWhenModelsShareThem) {
  for (const bool weigh_classes : {false, true}) {
    const Hessians at(weigh_classes);
    const LogisticProblem all{&rows, data.class_of_row, data.fold_of_row, {}, at.models};
    const auto sums = logistic_sums(all, 1, Backend::cuda);
    std::vector<double> apart(at.apart.size() * Hessians::length);
    std::vector<double> shared(apart.size());

    sums->hessian(at.apart, apart);
    sums->hessian(at.shared, shared);

    constexpr double most_a_class_weighs = 2.5;
    constexpr double roundings = n * n * std::numeric_limits<double>::epsilon();
    for (std::size_t i = 0; i < apart.size(); ++i)
      EXPECT_NEAR(shared[i], apart[i], most_a_class_weighs * 25 / 4 * roundings) << i;
  }
}

#ifndef __CUDACC__

// Of the rows' array on the device: columns are filled up to 32 rows.
constexpr std::uint64_t bytes_of_slab = (n + 31) / 32 * 32 * d * 8;

int most_passes(const std::vector<Fit>& fits) {
  int most = 0;
  for (const Fit& fit : fits) most = std::max(most, fit.passes);
  return most;
}

// The models go on side by side, so that the one with the most passes tells how often X is read:
// first for the starts, which are rough fits with all rows, then for all models.
TEST_F(ModelPathDevice, ReadsXOnceAPassForAllModels) {
  if (!emulation::tracing()) return;
  std::vector<Model> whole;
  for (const double rate : rates) whole.push_back({rate});
  const std::vector<Fit> starts =
      gradient_descent({&rows, data.class_of_row, data.fold_of_row, {}, whole},
                       {.tolerance = 1e-3, .backend = Backend::cuda});
  constexpr std::uint64_t bytes_of_x = (n + 1) / 2 * 2 * d * 8;  // loads of 16 bytes
  emulation::choose_allocation_of(bytes_of_slab);
  emulation::reset_traffic();

  const ModelPath path = fit_path(problem(), {.backend = Backend::cuda});

  std::vector<Fit> models = path.held_out;
  for (std::size_t r = 0; r < starts.size(); ++r) {
    models.push_back(path.whole[r]);
    models.back().passes -= starts[r].passes;
  }
  const std::uint64_t narrow = emulation::traffic_of("narrow_kernel").read_of_chosen;
  const std::uint64_t points = emulation::traffic_of("points_kernel").read_of_chosen;
  EXPECT_EQ(narrow + points,
            static_cast<std::uint64_t>(most_passes(starts) + most_passes(models)) * bytes_of_x);
}

// Once for p (1 - p) of the rows and once to pack those that train; not once for each model.
TEST_F(ModelPathDevice, ReadsXTwiceForTheHessiansOfAllFoldsAtOnePoint) {
  if (!emulation::tracing()) return;
  for (const bool weigh_classes : {false, true}) {
    const Hessians at(weigh_classes);
    emulation::choose_allocation_of(bytes_of_slab);
    const LogisticProblem all{&rows, data.class_of_row, data.fold_of_row, {}, at.models};
    const auto sums = logistic_sums(all, 1, Backend::cuda);
    std::vector<double> shared(at.shared.size() * Hessians::length);
    emulation::reset_traffic();

    sums->hessian(at.shared, shared);

    const auto training = std::count_if(data.fold_of_row.begin(), data.fold_of_row.end(),
                                        [](std::int32_t fold) { return fold >= 0; });
    EXPECT_EQ(emulation::traffic_of("").read_of_chosen,
              static_cast<std::uint64_t>(2 * (n + training) * d * 8));
  }
}

#endif

}  // namespace
}  // namespace gradstep::test
