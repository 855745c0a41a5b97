// The solvers' three ways of reading X, and a whole fit. Bytes counted: 8 per element of X and
// read. of_plain_read: the speed beside reading the same bytes and adding them up.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <vector>

#include "kernels/gradient_descent.hpp"
#include "kernels/gram.hpp"
#include "kernels/logistic.hpp"
#include "tests/support/random_rows.hpp"

namespace {

using gradstep::Backend;
using gradstep::test::RandomRows;

// Rows, columns and threads of a case; the data are made once a shape.
struct Case {
  explicit Case(const benchmark::State& state)
      : data(of(state.range(0), state.range(1))),
        rows(data.rows()),
        threads(static_cast<int>(state.range(2))) {}

  static const RandomRows& of(std::int64_t n, std::int64_t d) {
    static std::int64_t made_n = 0;
    static std::int64_t made_d = 0;
    static RandomRows made(0, 1);
    if (made_n != n || made_d != d) made = RandomRows(n, d);
    made_n = n;
    made_d = d;
    return made;
  }

  [[nodiscard]] gradstep::LogisticProblem problem() const {
    return {&rows, data.class_of_row, {}, {}, {&model, 1}};
  }

  const RandomRows& data;
  gradstep::ColumnsInMemory<double> rows;
  int threads;
  gradstep::Model model{.reg = 1};
};

double sum_of(const double* values, std::int64_t count) {
  std::array<double, 32> sums{};  // in registers, enough of them to hide the additions' latency
  const std::int64_t even = count / 32 * 32;
  for (std::int64_t i = 0; i < even; i += 32)
    for (std::size_t k = 0; k < 32; ++k) sums[k] += values[i + static_cast<std::int64_t>(k)];
  double sum = 0;
  for (const double part : sums) sum += part;
  for (std::int64_t i = even; i < count; ++i) sum += values[i];
  return sum;
}

void read_plainly(const Case& in) {
  double total = 0;
  std::vector<double> sums(static_cast<std::size_t>(in.threads));
  in.rows.for_each(
      in.threads,
      [&](const gradstep::RowBlock& block, int worker) {
        double sum = 0;
        for (const double* column : block.float64) sum += sum_of(column, block.rows);
        sums[static_cast<std::size_t>(worker)] = sum;
      },
      [&](std::int64_t, int worker) { total += sums[static_cast<std::size_t>(worker)]; });
  benchmark::DoNotOptimize(total);
}

// The fastest of some, measured once a case.
double seconds_of_a_plain_read(const Case& in) {
  using Clock = std::chrono::steady_clock;
  static std::array<std::int64_t, 3> measured_case{};
  static double seconds = 0;
  const std::array now{in.rows.rows(), in.rows.cols(), std::int64_t{in.threads}};
  if (measured_case == now) return seconds;
  measured_case = now;
  seconds = 1e9;
  for (int k = 0; k < 20; ++k) {
    const auto start = Clock::now();
    read_plainly(in);
    seconds = std::min(seconds, std::chrono::duration<double>(Clock::now() - start).count());
  }
  return seconds;
}

void count_reads(benchmark::State& state, double reads) {
  const auto bytes = static_cast<double>(state.range(0) * state.range(1) * 8);
  state.SetBytesProcessed(static_cast<std::int64_t>(reads * bytes));
}

void compare_with_plain_read(benchmark::State& state, const Case& in) {
  state.counters["of_plain_read"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * seconds_of_a_plain_read(in),
                         benchmark::Counter::kIsRate);
}

void plain_read(benchmark::State& state) {
  const Case in(state);
  for (auto _ : state) read_plainly(in);
  count_reads(state, static_cast<double>(state.iterations()));
}

void gram(benchmark::State& state, Backend backend) {
  if (!gradstep::available(backend)) return state.SkipWithError("no CUDA device");
  const Case in(state);
  std::vector<double> sums(2 *
                           static_cast<std::size_t>((state.range(1) + 1) * (state.range(1) + 1)));
  const std::vector<int> folds{0};
  for (auto _ : state) gradstep::gram_by_fold(in.rows, {}, {}, folds, sums, in.threads, backend);
  count_reads(state, static_cast<double>(state.iterations()));
  if (backend == Backend::cpu) compare_with_plain_read(state, in);
}

void loss_and_gradient(benchmark::State& state, Backend backend) {
  if (!gradstep::available(backend)) return state.SkipWithError("no CUDA device");
  const Case in(state);
  const auto sums_of = gradstep::logistic_sums(in.problem(), in.threads, backend);
  const std::vector<double> v(static_cast<std::size_t>(state.range(1) + 1), 0.1);
  const gradstep::LogisticPoint point{0, v.data()};
  std::vector<double> sums(v.size() + 1);
  for (auto _ : state) sums_of->loss_and_gradient({&point, 1}, sums);
  count_reads(state, static_cast<double>(state.iterations()));
  if (backend == Backend::cpu) compare_with_plain_read(state, in);
}

void hessian(benchmark::State& state, Backend backend) {
  if (!gradstep::available(backend)) return state.SkipWithError("no CUDA device");
  const Case in(state);
  const auto sums_of = gradstep::logistic_sums(in.problem(), in.threads, backend);
  const std::vector<double> v(static_cast<std::size_t>(state.range(1) + 1), 0.1);
  const gradstep::LogisticPoint point{0, v.data()};
  std::vector<double> sums(v.size() * v.size());
  for (auto _ : state) sums_of->hessian({&point, 1}, sums);
  count_reads(state, static_cast<double>(state.iterations()));
  if (backend == Backend::cpu) compare_with_plain_read(state, in);
}

void gradient_descent(benchmark::State& state, Backend backend) {
  if (!gradstep::available(backend)) return state.SkipWithError("no CUDA device");
  const Case in(state);
  gradstep::SolverOptions options;
  options.threads = in.threads;
  options.backend = backend;
  double reads = 0;
  for (auto _ : state) {
    const gradstep::Fit fit = gradstep::gradient_descent(in.problem(), options).front();
    if (!fit.converged) return state.SkipWithError("did not converge");
    const double for_start = fit.sample_reads > 0 ? fit.sample_reads : 1;  // or the Gram matrix
    reads += for_start + fit.passes + fit.hessians;
  }
  count_reads(state, reads);
}

void shapes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"rows", "cols", "threads"})
      ->ArgsProduct({{7'000, 1'000'000}, {8}, {1, 2}})
      ->ArgsProduct({{1'000'000}, {28}, {1, 2}})
      ->ArgsProduct({{200'000}, {200}, {1, 2}})
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}
BENCHMARK(plain_read)->Apply(shapes);
BENCHMARK_CAPTURE(gram, cpu, Backend::cpu)->Apply(shapes);
BENCHMARK_CAPTURE(loss_and_gradient, cpu, Backend::cpu)->Apply(shapes);
BENCHMARK_CAPTURE(hessian, cpu, Backend::cpu)->Apply(shapes);
BENCHMARK_CAPTURE(gradient_descent, cpu, Backend::cpu)->Apply(shapes);

void shapes_on_device(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"rows", "cols", "threads"})
      ->ArgsProduct({{7'000}, {8}, {1}})
      ->ArgsProduct({{1'000'000, 10'000'000}, {28}, {1}})
      ->Unit(benchmark::kMillisecond)
      ->UseRealTime();
}

// As a step sees it: gram and gradient_descent copy X to the device each time. Without a GPU these
// report an error; --benchmark_filter=cpu leaves them out.
BENCHMARK_CAPTURE(gram, cuda, Backend::cuda)->Apply(shapes_on_device);
BENCHMARK_CAPTURE(loss_and_gradient, cuda, Backend::cuda)->Apply(shapes_on_device);
BENCHMARK_CAPTURE(hessian, cuda, Backend::cuda)->Apply(shapes_on_device);
BENCHMARK_CAPTURE(gradient_descent, cuda, Backend::cuda)->Apply(shapes_on_device);

}  // namespace
