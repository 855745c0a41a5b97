// Fits several models of one problem, given as raw files, in one call and prints the answers as
// JSON: the program under test of model_cases_test.py, which makes the problems and asks
// scikit-learn.
//
//     model_cases X.f64 y.i32 w.f64|- SOLVER ROWS COLUMNS THREADS REG,CLASS,NEGATIVE,POSITIVE...
//
// X.f64 holds one column after the other, y.i32 the class of each row, w.f64 its weight. SOLVER:
// gradient-descent or newton. A model is its reg, its positive class and the weights of its
// classes. The intercept is free.

#include <nlohmann/json.hpp>

#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/gradient_descent.hpp"
#include "kernels/newton.hpp"
#include "tests/support/raw_files.hpp"

namespace {

using gradstep::test::read_raw;

gradstep::Model model_of(const std::string& text) {
  std::istringstream in(text);
  gradstep::Model model;
  char comma = 0;
  in >> model.reg >> comma >> model.positive_class >> comma >> model.class_weights.negative >>
      comma >> model.class_weights.positive;
  if (!in) throw std::runtime_error("not a model: " + text);
  return model;
}

void run(const std::vector<std::string>& arguments) {
  const std::int64_t n = std::stoll(arguments.at(4));
  const std::int64_t d = std::stoll(arguments.at(5));
  const std::vector<double> x = read_raw<double>(arguments.at(0), n * d);
  const std::vector<std::int32_t> y = read_raw<std::int32_t>(arguments.at(1), n);
  std::vector<double> weight;
  if (arguments.at(2) != "-") weight = read_raw<double>(arguments.at(2), n);
  std::vector<const double*> columns;
  columns.reserve(static_cast<std::size_t>(d));
  for (std::int64_t c = 0; c < d; ++c) columns.push_back(x.data() + c * n);
  const gradstep::ColumnsInMemory<double> rows(columns, n);
  std::vector<gradstep::Model> models;
  models.reserve(arguments.size());
  for (std::size_t k = 7; k < arguments.size(); ++k) models.push_back(model_of(arguments[k]));
  gradstep::SolverOptions options;
  options.threads = std::stoi(arguments.at(6));
  const auto solve = arguments.at(3) == "newton" ? gradstep::newton : gradstep::gradient_descent;

  nlohmann::json fits = nlohmann::json::array();
  for (const gradstep::Fit& fit :
       solve({&rows, y, {}, weight, models, false}, options, nullptr, {}))
    fits.push_back({{"coefficients", fit.coefficients},
                    {"intercept", fit.intercept},
                    {"converged", fit.converged}});
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
