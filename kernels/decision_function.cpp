#include "kernels/decision_function.hpp"

#include <algorithm>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t rows_per_item = 65'536;
constexpr std::int64_t rows_of_a_tile = 2'048;  // their sums stay in the nearest cache

// Rows [first, first + z.size()).
void decide(std::span<const double* const> columns, const LinearModel& model, std::int64_t first,
            std::span<double> z) {
  std::fill(z.begin(), z.end(), 0.0);
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const double* const x = columns[c] + first;
    const double w = model.weights[c];
    if (model.scales.empty()) {
      for (std::size_t i = 0; i < z.size(); ++i) z[i] += x[i] * w;
    } else {
      const ColumnScale by = model.scales[c];
      for (std::size_t i = 0; i < z.size(); ++i) z[i] += scaled(x[i], by) * w;
    }
  }
  for (double& sum : z) sum += model.intercept;
}

void decision_function_cpu(std::span<const double* const> columns, const LinearModel& model,
                           std::span<double> z, int threads) {
  const std::int64_t rows = std::ssize(z);
  for_each_in_order(
      (rows + rows_per_item - 1) / rows_per_item, threads,
      [&](std::int64_t item, int) {
        const std::int64_t end = std::min(rows, (item + 1) * rows_per_item);
        for (std::int64_t first = item * rows_per_item; first < end; first += rows_of_a_tile)
          decide(columns, model, first,
                 z.subspan(static_cast<std::size_t>(first),
                           static_cast<std::size_t>(std::min(rows_of_a_tile, end - first))));
      },
      [](std::int64_t, int) {});
}

}  // namespace

void decision_function(std::span<const double* const> columns, const LinearModel& model,
                       std::span<double> z, int threads, Backend backend,
                       std::int64_t device_memory) {
  expects(columns.size() == model.weights.size(), "decision_function: one weight per column");
  expects(model.scales.empty() || model.scales.size() == columns.size(),
          "decision_function: one scale per column, or none");
  expect_available(backend, "decision_function");
  backend == Backend::cuda ? cuda::decision_function(columns, model, z, device_memory)
                           : decision_function_cpu(columns, model, z, threads);
}

}  // namespace gradstep
