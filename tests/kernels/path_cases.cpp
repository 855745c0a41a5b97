// Fits and scores a path given as raw files and prints the answers as JSON: the program under test
// of path_cases_test.py, which makes the problems and asks scikit-learn.
//
//     path_cases X.f64 y.i32 plain|stratified SEED ROWS COLUMNS FOLDS THREADS RATE...
//
// X.f64 holds one column after the other, y.i32 the class of each row (0 or 1); plain or stratified
// are the folds, shuffled if the seed is not negative. The intercept is free.

#include <nlohmann/json.hpp>

#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/folds.hpp"
#include "kernels/held_out_scores.hpp"
#include "kernels/model_path.hpp"
#include "tests/support/raw_files.hpp"

namespace {

using gradstep::test::read_raw;

nlohmann::json to_json(const gradstep::Fit& fit) {
  return {{"coefficients", fit.coefficients},
          {"intercept", fit.intercept},
          {"passes", fit.passes},
          {"converged", fit.converged}};
}

void run(const std::vector<std::string>& arguments) {
  const std::int64_t seed = std::stoll(arguments.at(3));
  const std::int64_t n = std::stoll(arguments.at(4));
  const std::int64_t d = std::stoll(arguments.at(5));
  const int count = std::stoi(arguments.at(6));
  const int threads = std::stoi(arguments.at(7));
  const std::vector<double> x = read_raw<double>(arguments.at(0), n * d);
  const auto y = read_raw<std::int32_t>(arguments.at(1), n);
  std::optional<std::uint32_t> random_state;
  if (seed >= 0) random_state = static_cast<std::uint32_t>(seed);
  const std::vector<std::int32_t> folds = arguments.at(2) == "plain"
                                              ? gradstep::k_folds(n, count, random_state)
                                              : gradstep::stratified_folds(y, count, random_state);
  std::vector<const double*> columns;
  for (std::int64_t c = 0; c < d; ++c) columns.push_back(x.data() + c * n);
  const gradstep::ColumnsInMemory<double> rows(columns, n);
  std::vector<double> rates;
  for (std::size_t k = 8; k < arguments.size(); ++k) rates.push_back(std::stod(arguments[k]));
  gradstep::PathProblem problem{&rows, y, folds, {}, count, rates};
  problem.penalize_intercept = false;
  gradstep::SolverOptions options;
  options.threads = threads;

  const gradstep::ModelPath path = gradstep::fit_path(problem, options);
  const auto scores = gradstep::score_held_out(problem, path, threads);

  nlohmann::json answer{{"fold_of_row", folds},
                        {"whole", nlohmann::json::array()},
                        {"held_out", nlohmann::json::array()}};
  for (const gradstep::Fit& fit : path.whole) answer["whole"].push_back(to_json(fit));
  for (std::size_t k = 0; k < scores.size(); ++k) {
    nlohmann::json model = to_json(path.held_out[k]);
    model["log_loss"] = scores[k].log_loss;
    model["accuracy"] = scores[k].accuracy;
    model["auc"] = scores[k].auc;
    answer["held_out"].push_back(std::move(model));
  }
  std::cout << answer << '\n';
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
