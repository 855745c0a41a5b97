// A fit that something else times, from an array in memory to coefficients.
//
//     fit_bench FOLDER REG THREADS free|penalized cpu|cuda
//
// Maps FOLDER's x.f64 (float64, column after column) and classes.i32, fits the first rows once so
// that everything is loaded, and prints "ready". Then for each line on standard input, a tolerance,
// it fits by gradient_descent and prints the coefficients and the intercept; "penalized" when the
// intercept is in the regulariser. Standard error gets "reads" and Fit's passes, hessians and
// sample_reads, before the answer.

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>

#include "benchmarks/support/training_set.hpp"
#include "kernels/gradient_descent.hpp"

namespace {

using gradstep::benchmarks::TrainingSet;

constexpr std::int64_t warm_up_rows = 1000;

struct Settings {
  double reg;
  bool penalize_intercept;
  gradstep::SolverOptions solver;
};

gradstep::Fit fit(const TrainingSet& set, std::int64_t count, const Settings& settings,
                  double tolerance) {
  const auto rows = set.first_rows(count);
  const gradstep::Model model{.reg = settings.reg};
  const auto classes = set.class_of_row().first(static_cast<std::size_t>(count));
  gradstep::SolverOptions options = settings.solver;
  options.tolerance = tolerance;
  return gradstep::gradient_descent(
             {&rows, classes, {}, {}, {&model, 1}, settings.penalize_intercept}, options)
      .front();
}

[[noreturn]] void refuse(const std::string& why) {
  throw std::runtime_error(why + "usage: fit_bench FOLDER REG THREADS free|penalized cpu|cuda");
}

// Whether the word is `yes`; refuses what is neither `yes` nor `no`.
bool is(const std::string& word, const std::string& yes, const std::string& no) {
  if (word != yes && word != no) refuse("\"" + word + "\" is neither " + no + " nor " + yes + "; ");
  return word == yes;
}

int serve(std::span<char*> arguments) {
  if (arguments.size() != 6) refuse("");
  Settings settings{std::stod(arguments[2]), is(arguments[4], "penalized", "free"), {}};
  settings.solver.threads = std::stoi(arguments[3]);
  settings.solver.backend =
      is(arguments[5], "cuda", "cpu") ? gradstep::Backend::cuda : gradstep::Backend::cpu;
  const TrainingSet set(arguments[1]);
  const auto rows = std::ssize(set.class_of_row());

  static_cast<void>(fit(set, std::min(warm_up_rows, rows), settings, 1e-2));
  std::cout << "ready" << '\n' << std::flush;
  std::cout.precision(17);
  for (std::string line; std::getline(std::cin, line);) {
    const gradstep::Fit answer = fit(set, rows, settings, std::stod(line));
    std::cerr << "reads " << answer.passes << ' ' << answer.hessians << ' ' << answer.sample_reads
              << '\n';
    for (const double coefficient : answer.coefficients) std::cout << coefficient << ' ';
    std::cout << answer.intercept << '\n' << std::flush;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return serve({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& error) {
    std::cerr << "fit_bench: " << error.what() << '\n';
    return 1;
  }
}
