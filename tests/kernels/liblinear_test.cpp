#include "kernels/liblinear.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/liblinear_blas.hpp"
#include "tests/support/lab.hpp"

namespace gradstep::test {
namespace {

using testing::ElementsAreArray;

const Lab& lab() {
  static const Lab lab = read_lab();
  return lab;
}

Fit fit_lab(double reg, const LiblinearOptions& options) {
  return liblinear(lab().views(), lab().train_rows, lab().class_of_row, reg, options);
}

// EXPECT_EQ on doubles: equal in all bits but for the sign of a zero.
void expect_equal_bits(const Fit& fit, const nlohmann::json& expected) {
  EXPECT_EQ(fit.coefficients, expected["coef"].get<std::vector<double>>());
  EXPECT_EQ(fit.intercept, expected["intercept"].get<double>());
  EXPECT_EQ(fit.iterations, expected["n_iter"].get<int>());
}

TEST(Liblinear, EqualsScikitLearnInAllBitsWithEachKernel) {
  const nlohmann::json reference = lab_reference();
  int compared = 0;
  for (const auto& model : reference["models"]) {
    const auto reg = model["reg_rate"].get<double>();
    SCOPED_TRACE(reg);
    const auto& expected = model["liblinear_by_blas_kernel"];
    expect_equal_bits(fit_lab(reg, {.kernel = BlasKernel::skylakex}), expected["SkylakeX"]);
    expect_equal_bits(fit_lab(reg, {.kernel = BlasKernel::haswell}), expected["Haswell"]);
    compared += 2;
  }
  EXPECT_EQ(compared, 12);
}

TEST(Liblinear, StopsWhereScikitLearnStopsForMaxIter) {
  const auto expected = lab_reference()["stopped_by_max_iter_5_reg_rate_0.01"];

  const Fit fit = fit_lab(0.01, {.max_iterations = 5, .kernel = BlasKernel::skylakex});

  expect_equal_bits(fit, expected);
  EXPECT_EQ(fit.stop_reason, StopReason::max_iterations);
  EXPECT_FALSE(fit.converged);
}

// liblinear's own log: 12 steps, 30 conjugate gradient steps of two reads, and a value and a
// gradient at the start and after every step.
TEST(Liblinear, CountsItsReads) {
  const Fit fit = fit_lab(0.001, {.kernel = BlasKernel::skylakex});

  EXPECT_EQ(fit.passes, 2 * 30 + 2 * 13);
  EXPECT_TRUE(fit.converged);
}

// Two rows, x = 0 and 0: by symmetry w = 0 is the optimum and the gradient there is zero.
// At w = 0 every row's loss is log 2.
TEST(Liblinear, TellsOfTheStartAndOfEveryStep) {
  std::vector<CurvePoint> curve;

  const Fit fit = fit_lab(0.01, {.kernel = BlasKernel::skylakex,
                                 .after_step = [&](const CurvePoint& p) { curve.push_back(p); }});

  ASSERT_EQ(curve.size(), 13U);
  EXPECT_EQ(curve.front().iteration, 0);
  EXPECT_NEAR(curve.front().objective, 7000 * std::log(2.0), 1e-8);
  for (std::size_t i = 1; i < curve.size(); ++i) {
    EXPECT_EQ(curve[i].iteration, static_cast<int>(i));
    EXPECT_LT(curve[i].objective, curve[i - 1].objective);
  }
  EXPECT_EQ(curve.back().objective, fit.objective);
  EXPECT_EQ(curve.back().gradient_norm, fit.gradient_norm);
}

TEST(Liblinear, ReturnsZeroWhereTheGradientVanishes) {
  const std::vector<double> x{0, 0};
  const double* const columns[] = {x.data()};

  const Fit fit =
      liblinear(columns, std::vector<std::int64_t>{0, 1}, std::vector<std::int32_t>{0, 1}, 1.0, {});

  EXPECT_THAT(fit.coefficients, testing::ElementsAre(0.0));
  EXPECT_EQ(fit.iterations, 0);
  EXPECT_TRUE(fit.converged);
}

TEST(Liblinear, EndsOnValuesThatOverflow) {
  const double huge = std::numeric_limits<double>::max();
  const std::vector<double> x{huge, -huge, huge, 1};
  const double* const columns[] = {x.data()};

  const Fit fit = liblinear(columns, std::vector<std::int64_t>{0, 1, 2, 3},
                            std::vector<std::int32_t>{0, 1, 1, 0}, 1.0, {});

  EXPECT_FALSE(fit.converged);
}

TEST(Liblinear, RefusesARegThatIsNotPositive) {
  EXPECT_THROW((void)fit_lab(0, {}), InvalidArgument);
  EXPECT_THROW((void)fit_lab(std::numeric_limits<double>::infinity(), {}), InvalidArgument);
}

TEST(BlasKernel, HasOpenBlasNames) {
  std::ostringstream names;
  names << BlasKernel::skylakex << ' ' << BlasKernel::haswell;
  EXPECT_EQ(names.str(), "skylakex haswell");
}

// 2^53 swallows a 1 that is added to it, so the sum tells when the 1 came in: haswell adds entries
// 0 and 16 first, skylakex 0 and 4.
TEST(LiblinearBlas, AddsBlocksInTheOrderOfEachKernel) {
  std::vector<double> x(32);
  x[0] = 0x1p53;
  x[4] = 1;
  x[16] = -0x1p53;
  const std::vector<double> ones(32, 1.0);

  EXPECT_EQ(LiblinearBlas(BlasKernel::haswell).dot(x, ones), 1);
  EXPECT_EQ(LiblinearBlas(BlasKernel::skylakex).dot(x, ones), 0);
}

TEST(LiblinearBlas, FusesTheRestOfADotProductOnSkylakexOnly) {
  const double a = 1 + 0x1p-30;
  const std::vector<double> x{-1, a};
  const std::vector<double> y{a * a, a};

  EXPECT_EQ(LiblinearBlas(BlasKernel::skylakex).dot(x, y), 0x1p-60);
  EXPECT_EQ(LiblinearBlas(BlasKernel::haswell).dot(x, y), 0);
}

TEST(LiblinearBlas, FusesAllButTheRestOnHaswell) {
  const double a = 1 + 0x1p-30;
  const std::vector<double> x(17, a);
  std::vector<double> fused(17, -a * a);
  std::vector<double> mixed = fused;

  LiblinearBlas(BlasKernel::skylakex).axpy(a, x, fused);
  LiblinearBlas(BlasKernel::haswell).axpy(a, x, mixed);

  EXPECT_EQ(fused[16], 0x1p-60);  // what a * a loses when it is rounded
  EXPECT_EQ(mixed[15], 0x1p-60);
  EXPECT_EQ(mixed[16], 0);
}

TEST(LiblinearBlas, TakesTheNormInExtendedPrecision) {
  EXPECT_EQ(LiblinearBlas::nrm2(std::vector<double>{3, 4}), 5);
  EXPECT_EQ(LiblinearBlas::nrm2(std::vector<double>{0x1p600, 0x1p600}), 0x1.6a09e667f3bcdp600);
}

}  // namespace
}  // namespace gradstep::test
