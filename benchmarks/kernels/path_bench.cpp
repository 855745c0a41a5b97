// A path of models that something else times, from an array in memory to the scores of its folds.
//
//     path_bench FOLDER THREADS FOLDS FROM TO COUNT
//
// Maps FOLDER's x.f64 and classes.i32 as fit_bench does, fits the first rows once so that
// everything is loaded, and prints "ready". Then for each line on standard input, a tolerance, it
// makes stratified folds without a shuffle, fits COUNT rates from 10^FROM to 10^TO, evenly spaced
// by their logarithms, without each fold and with none, the intercept free, and scores each model
// on its fold. It prints each rate's mean log loss, then each rate's mean AUC. Standard error gets
// "passes", added up over the models that leave a fold out, before the answer.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "benchmarks/support/training_set.hpp"
#include "kernels/folds.hpp"
#include "kernels/held_out_scores.hpp"
#include "kernels/model_path.hpp"

namespace {

using gradstep::benchmarks::TrainingSet;

constexpr std::int64_t warm_up_rows = 1000;

struct Settings {
  int threads, folds;
  std::vector<double> rates;
};

struct Answer {
  std::int64_t passes = 0;
  std::vector<double> log_loss;  // a mean of all folds a rate
  std::vector<double> auc;
};

Answer fit(const TrainingSet& set, std::int64_t count, const Settings& settings, double tolerance) {
  const auto rows = set.first_rows(count);
  const auto classes = set.class_of_row().first(static_cast<std::size_t>(count));
  const std::vector<std::int32_t> folds = gradstep::stratified_folds(classes, settings.folds, {});
  gradstep::PathProblem problem{&rows, classes, folds, {}, settings.folds, settings.rates};
  problem.penalize_intercept = false;
  gradstep::SolverOptions options;
  options.tolerance = tolerance;
  options.threads = settings.threads;
  const gradstep::ModelPath path = fit_path(problem, options);
  const auto scores = score_held_out(problem, path, settings.threads);

  Answer answer;
  for (const gradstep::Fit& model : path.held_out) answer.passes += model.passes;
  const auto of_a_rate = static_cast<std::size_t>(settings.folds);
  for (std::size_t k = 0; k < scores.size(); ++k) {
    if (k % of_a_rate == 0) {
      answer.log_loss.push_back(0);
      answer.auc.push_back(0);
    }
    answer.log_loss.back() += scores[k].log_loss / settings.folds;
    answer.auc.back() += scores[k].auc / settings.folds;
  }
  return answer;
}

std::vector<double> rates_of(double from, double to, int count) {
  if (count < 1) throw std::runtime_error("COUNT must be at least 1");
  std::vector<double> rates;
  rates.reserve(static_cast<std::size_t>(count));
  for (int k = 0; k < count; ++k)
    rates.push_back(std::pow(10, from + (to - from) * k / std::max(count - 1, 1)));
  return rates;
}

int serve(std::span<char*> arguments) {
  if (arguments.size() != 7)
    throw std::runtime_error("usage: path_bench FOLDER THREADS FOLDS FROM TO COUNT");
  const Settings settings{
      std::stoi(arguments[2]), std::stoi(arguments[3]),
      rates_of(std::stod(arguments[4]), std::stod(arguments[5]), std::stoi(arguments[6]))};
  const TrainingSet set(arguments[1]);
  const auto rows = std::ssize(set.class_of_row());

  static_cast<void>(fit(set, std::min(warm_up_rows, rows), settings, 1e-2));
  std::cout << "ready" << '\n' << std::flush;
  std::cout.precision(17);
  for (std::string line; std::getline(std::cin, line);) {
    const Answer answer = fit(set, rows, settings, std::stod(line));
    std::cerr << "passes " << answer.passes << '\n';
    for (const double loss : answer.log_loss) std::cout << loss << ' ';
    for (const double auc : answer.auc) std::cout << auc << ' ';
    std::cout << '\n' << std::flush;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return serve({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& error) {
    std::cerr << "path_bench: " << error.what() << '\n';
    return 1;
  }
}
