#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/gradient_descent.hpp"
#include "kernels/newton.hpp"
#include "tests/support/every_backend.hpp"

namespace gradstep::test {

struct Setting {
  const char* name;
  decltype(&gradient_descent) solve;
  Backend backend;

  friend std::ostream& operator<<(std::ostream& out, const Setting& setting) {
    return out << setting.name;
  }
};

// What gradient descent and Newton promise alike, on every backend.
class EverySolver : public testing::TestWithParam<Setting> {
 protected:
  void SetUp() override { GRADSTEP_SKIP_UNLESS_AVAILABLE(GetParam().backend); }

  static std::vector<Fit> solve(const LogisticProblem& problem, SolverOptions options = {}) {
    options.backend = GetParam().backend;
    return GetParam().solve(problem, options, nullptr, {});
  }
};

inline auto every_solver() {
  return testing::Values(Setting{"gradient_descent_cpu", gradient_descent, Backend::cpu},
                         Setting{"gradient_descent_cuda", gradient_descent, Backend::cuda},
                         Setting{"newton_cpu", newton, Backend::cpu},
                         Setting{"newton_cuda", newton, Backend::cuda});
}

inline std::string solver_name(const testing::TestParamInfo<Setting>& setting) {
  return setting.param.name;
}

// The largest error of a coefficient, relative to the largest coefficient.
inline double error_of(const Fit& fit, std::vector<double> expected, double intercept) {
  std::vector<double> v = fit.coefficients;
  v.push_back(fit.intercept);
  expected.push_back(intercept);
  EXPECT_EQ(v.size(), expected.size());
  double error = 0, largest = 0;
  for (std::size_t c = 0; c < v.size(); ++c) {
    error = std::fmax(error, std::abs(v[c] - expected[c]));
    largest = std::fmax(largest, std::abs(expected[c]));
  }
  return error / largest;
}

inline double distance(const Fit& a, const Fit& b) {
  return error_of(a, b.coefficients, b.intercept);
}

}  // namespace gradstep::test
