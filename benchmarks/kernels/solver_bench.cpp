// The solvers' three ways of reading X, and a whole fit. Bytes counted: 8 per element of X and
// read. of_plain_read: the speed beside reading the same bytes and adding them up.

#include <benchmark/benchmark.h>

#include <vector>

#include "benchmarks/support/plain_read.hpp"
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

void count_reads(benchmark::State& state, double reads) {
  const auto bytes = static_cast<double>(state.range(0) * state.range(1) * 8);
  state.SetBytesProcessed(static_cast<std::int64_t>(reads * bytes));
}

void plain_read(benchmark::State& state) {
  const Case in(state);
  for (auto _ : state) gradstep::bench::read_plainly(in.rows, in.threads);
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
  if (backend == Backend::cpu) gradstep::bench::compare_with_plain_read(state, in.rows, in.threads);
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
  if (backend == Backend::cpu) gradstep::bench::compare_with_plain_read(state, in.rows, in.threads);
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
  if (backend == Backend::cpu) gradstep::bench::compare_with_plain_read(state, in.rows, in.threads);
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
