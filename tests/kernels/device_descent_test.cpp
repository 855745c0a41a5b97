// The solvers' loop on the device beside the CPU's, which the other tests compare with references.

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "kernels/gradient_descent.hpp"
#include "kernels/newton.hpp"
#include "tests/support/every_backend.hpp"
#include "tests/support/every_solver.hpp"
#include "tests/support/lab.hpp"
#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

class DeviceDescent : public EveryBackend {};
INSTANTIATE_TEST_SUITE_P(on, DeviceDescent, testing::Values(Backend::cuda), backend_name);

constexpr double agreement = 1e-10;

TEST_P(DeviceDescent, AgreesWithTheCpuOnTheLabsData) {
  const Lab lab = read_lab();
  const ColumnsInMemory<double> rows(lab.views(), std::ssize(lab.class_of_row));
  std::vector<Model> models;
  for (const double reg : {0.001, 0.01, 0.1, 1.0}) models.push_back({reg, -1, 1});
  for (const bool penalized : {true, false}) {
    const LogisticProblem problem{&rows, lab.class_of_row, lab.fold_of_row, {}, models, penalized};
    for (const auto solve : {gradient_descent, newton}) {
      const auto expected = solve(problem, {.backend = Backend::cpu}, nullptr, {});

      const auto fits = solve(problem, {.backend = backend()}, nullptr, {});

      for (std::size_t k = 0; k < models.size(); ++k) {
        SCOPED_TRACE(models[k].reg);
        EXPECT_TRUE(fits[k].converged);
        EXPECT_LE(distance(fits[k], expected[k]), agreement);
        EXPECT_EQ(fits[k].iterations, expected[k].iterations);
        EXPECT_EQ(fits[k].hessians, expected[k].hessians);
      }
    }
  }
}

// One model alone takes another kernel than several at once.
TEST_P(DeviceDescent, AgreesWithTheCpuForAnyNumberOfColumnsAndModels) {
  for (const std::int64_t cols : {1, 28, 64, 130}) {
    const RandomRows data(300, cols);
    const ColumnsInMemory<double> rows = data.rows();
    std::vector<Model> models{{1, -1, 1}};
    for (int more = 0; more < 2; ++more) {
      SCOPED_TRACE(testing::Message() << cols << " columns, " << models.size() << " models");
      const LogisticProblem problem{&rows, data.class_of_row, data.fold_of_row, data.weight,
                                    models};
      const auto expected = gradient_descent(problem, {.backend = Backend::cpu});

      const auto fits = gradient_descent(problem, {.backend = backend()});

      for (std::size_t k = 0; k < models.size(); ++k)
        EXPECT_LE(distance(fits[k], expected[k]), agreement);
      for (int k = 0; k < 9; ++k) models.push_back({0.1 * (k + 1), k % 5 - 1, k % 3});
    }
  }
}

// The gradient has the same bits then (logistic tests); the Gram matrix is cut at other rows.
TEST_P(DeviceDescent, GivesTheSameAnswerWhenTheRowsStreamThroughTheDevice) {
  const RandomRows data(40'000, 3);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<Model> models{{1, -1, 1}, {0.01, 2, 2}};
  const LogisticProblem problem{&rows, data.class_of_row, data.fold_of_row, data.weight, models};

  const auto resident = gradient_descent(problem, {.backend = backend()});
  const auto streamed = gradient_descent(problem, {.backend = backend(), .device_memory = 1});

  for (std::size_t k = 0; k < models.size(); ++k) {
    EXPECT_TRUE(streamed[k].converged);
    EXPECT_LE(distance(streamed[k], resident[k]), agreement);
  }
}

// Ends after every look of the host, and goes on from the bytes of the state in a new call.
TEST_P(DeviceDescent, GoesOnFromAWrittenStateAsIfNothingHadHappened) {
  const RandomRows data(2000, 4);
  const ColumnsInMemory<double> rows = data.rows();
  const std::vector<Model> models{{1e-3, -1, 2}, {10, 1, 2}, {1e-6, 0, 1}};
  const LogisticProblem problem{&rows, data.class_of_row, data.fold_of_row, data.weight, models};
  SolverState whole;
  (void)gradient_descent(problem, {.backend = backend()}, &whole);

  SolverState state;
  int calls = 0;
  for (bool ended = false; !ended; ++calls) {
    ASSERT_LT(calls, 100);
    ended = true;
    (void)gradient_descent(problem, {.backend = backend()}, &state, [&](const SolverState&) {
      ended = false;
      return false;
    });
    std::stringstream bytes;
    state.write(bytes);
    state = SolverState::read(bytes);
  }

  EXPECT_GT(calls, 2);
  EXPECT_EQ(state, whole);
}

}  // namespace
}  // namespace gradstep::test
