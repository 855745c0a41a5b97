#include "kernels/solver_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <sstream>

#include "kernels/core/error.hpp"
#include "kernels/gradient_descent.hpp"
#include "kernels/newton.hpp"
#include "tests/support/random_rows.hpp"

namespace gradstep::test {
namespace {

SolverState through_bytes(const SolverState& state) {
  std::stringstream bytes;
  state.write(bytes);
  return SolverState::read(bytes);
}

std::string bytes_of(const SolverState& state) {
  std::ostringstream bytes;
  state.write(bytes);
  return bytes.str();
}

using Solver = decltype(&gradient_descent);

// Columns of very different sizes and one class in three, so that steps are rejected and the
// metric is refreshed on the way.
struct Job {
  RandomRows data{2000, 4};
  ColumnsInMemory<double> rows;
  std::vector<Model> models{{1e-3, -1, 2}, {10, 1, 2}, {1e-6, 0, 1}};
  LogisticProblem problem;

  static RandomRows skewed() {
    RandomRows data(2000, 4);
    for (double& x : data.columns[1]) x = std::exp(3 * x);
    for (std::size_t r = 0; r < data.n(); ++r)
      data.class_of_row[r] = data.columns[1][r] > 9 ? 2 : 1;
    return data;
  }

  Job()
      : data(skewed()),
        rows(data.rows()),
        problem{&rows, data.class_of_row, data.fold_of_row, data.weight, models} {}
};

// Stops after every read and goes on from the bytes of the state in a new call.
void expect_interruption_leaves_no_trace(Solver solver) {
  const Job job;
  SolverState whole;
  const std::vector<Fit> expected = solver(job.problem, {}, &whole, {});

  SolverState state;
  std::vector<Fit> fits;
  int calls = 0;
  do {
    state = through_bytes(state);
    fits = solver(job.problem, {}, &state, [](const SolverState&) { return false; });
    ++calls;
  } while (calls < 1000 &&
           std::any_of(
               fits.begin(), fits.end(),
               [](const Fit& fit) { return fit.stop_reason == StopReason::running; }));

  EXPECT_GT(calls, 5);
  EXPECT_EQ(bytes_of(state), bytes_of(whole));
  for (std::size_t k = 0; k < fits.size(); ++k) {
    EXPECT_EQ(fits[k].coefficients, expected[k].coefficients);
    EXPECT_EQ(fits[k].intercept, expected[k].intercept);
    EXPECT_TRUE(fits[k].converged);
  }
}

TEST(SolverState, CarriesGradientDescentOverAnInterruptionAfterEveryRead) {
  expect_interruption_leaves_no_trace(gradient_descent);
}

TEST(SolverState, CarriesNewtonOverAnInterruptionAfterEveryRead) {
  expect_interruption_leaves_no_trace(newton);
}

TEST(SolverState, IsReadAsItWasWritten) {
  const Job job;
  SolverState state;
  (void)gradient_descent(job.problem, {.max_iterations = 3}, &state);

  EXPECT_EQ(through_bytes(state), state);
  EXPECT_EQ(through_bytes({}), SolverState{});
}

TEST(SolverState, RefusesBytesThatAreNotAWholeState) {
  const Job job;
  SolverState state;
  (void)gradient_descent(job.problem, {.max_iterations = 1}, &state);
  const std::string whole = bytes_of(state);
  const auto read = [](const std::string& bytes) {
    std::istringstream in(bytes);
    return SolverState::read(in);
  };

  EXPECT_THROW((void)read(""), DataError);
  EXPECT_THROW((void)read("gradstep state 0" + whole.substr(16)), DataError);
  EXPECT_THROW((void)read(whole.substr(0, 20)), DataError);
  EXPECT_THROW((void)read(whole.substr(0, whole.size() - 1)), DataError);
  EXPECT_THROW((void)read(whole.substr(0, 16) + std::string(16, '\xff')), DataError);
  EXPECT_THROW((void)read(whole.substr(0, whole.size() - 1) + '\x7f'), DataError);
  // One model of 2^20 columns, and nothing behind it: eight terabytes must not be asked for.
  const std::array<std::uint64_t, 2> sizes{1, 1U << 20U};
  const std::string huge(reinterpret_cast<const char*>(sizes.data()), sizeof sizes);
  EXPECT_THROW((void)read(whole.substr(0, 16) + huge + std::string(32U << 20U, '\0')), DataError);
}

TEST(SolverState, IsRefusedWhenItBelongsToAnotherProblem) {
  const Job job;
  SolverState state;
  (void)gradient_descent(job.problem, {.max_iterations = 1}, &state);
  SolverState fewer = state;
  fewer.models.pop_back();
  EXPECT_THROW((void)gradient_descent(job.problem, {}, &fewer), InvalidArgument);
  for (const auto member :
       {&ModelState::v, &ModelState::gradient, &ModelState::direction, &ModelState::metric}) {
    SolverState narrower = state;
    (narrower.models[0].*member).pop_back();
    EXPECT_THROW((void)gradient_descent(job.problem, {}, &narrower), InvalidArgument);
  }
}

}  // namespace
}  // namespace gradstep::test
