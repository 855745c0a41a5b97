// Fits one problem given as raw files and prints the answers as JSON: the program under test of
// solver_cases_test.py, which makes the problems and knows their optima.
//
//     solver_cases X.f64 y.i32 ROWS COLUMNS SOLVER THREADS REG...
//
// X.f64 holds one column after the other, y.i32 the class of each row. SOLVER: gradient-descent,
// newton, liblinear-skylakex or liblinear-haswell.

#include <nlohmann/json.hpp>

#include <iostream>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/gradient_descent.hpp"
#include "kernels/liblinear.hpp"
#include "kernels/newton.hpp"
#include "tests/support/raw_files.hpp"

namespace {

using gradstep::test::read_raw;

nlohmann::json to_json(const gradstep::Fit& fit) {
  std::ostringstream reason;
  reason << fit.stop_reason;
  return {{"coefficients", fit.coefficients}, {"intercept", fit.intercept},
          {"iterations", fit.iterations},     {"passes", fit.passes},
          {"hessians", fit.hessians},         {"stop_reason", reason.str()}};
}

using Problem = gradstep::LogisticProblem;

gradstep::Fit fit(const std::string& solver, const Problem& problem,
                  std::span<const double* const> columns, int threads) {
  gradstep::SolverOptions options;
  options.threads = threads;
  if (solver == "gradient-descent") return gradstep::gradient_descent(problem, options).front();
  if (solver == "newton") return gradstep::newton(problem, options).front();
  std::vector<std::int64_t> order(problem.class_of_row.size());
  std::iota(order.begin(), order.end(), 0);
  gradstep::LiblinearOptions replay;
  replay.kernel = solver == "liblinear-skylakex" ? gradstep::BlasKernel::skylakex
                                                 : gradstep::BlasKernel::haswell;
  return gradstep::liblinear(columns, order, problem.class_of_row, problem.models[0].reg, replay);
}

void run(const std::vector<std::string>& arguments) {
  const std::int64_t n = std::stoll(arguments.at(2));
  const std::int64_t d = std::stoll(arguments.at(3));
  const std::vector<double> x = read_raw<double>(arguments.at(0), n * d);
  const std::vector<std::int32_t> y = read_raw<std::int32_t>(arguments.at(1), n);
  std::vector<const double*> columns;
  for (std::int64_t c = 0; c < d; ++c) columns.push_back(x.data() + c * n);
  const gradstep::ColumnsInMemory<double> rows(columns, n);

  nlohmann::json fits = nlohmann::json::array();
  for (std::size_t k = 6; k < arguments.size(); ++k) {  // one by one: each counts its own reads
    const gradstep::Model model{std::stod(arguments[k]), -1, 1};
    const Problem problem{&rows, y, {}, {}, {&model, 1}, true};
    fits.push_back(to_json(fit(arguments.at(4), problem, columns, std::stoi(arguments.at(5)))));
  }
  std::cout << fits << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
