// Linked instead of every .cu file. No other file asks whether CUDA was built: this one answers for
// all of them.

#include "kernels/core/backend.hpp"
#include "kernels/core/error.hpp"
#include "kernels/decision_function.hpp"
#include "kernels/descent.hpp"
#include "kernels/dropna.hpp"
#include "kernels/gram.hpp"
#include "kernels/logistic.hpp"
#include "kernels/minmax.hpp"
#include "kernels/prepare.hpp"

namespace gradstep::cuda {
namespace {

[[noreturn]] void refuse() { throw BackendUnavailable("this build has no CUDA backend"); }

}  // namespace

DeviceSearch find_devices() {
  return {.count = 0, .name = {}, .reason = "this build has no CUDA backend"};
}

std::string why_no_cublas() { return "this build has no CUDA backend"; }

std::int64_t drop_missing_rows(std::span<const double* const>, std::span<std::uint8_t>) {
  refuse();
}

std::int64_t compact_rows(std::span<std::uint64_t* const>, std::span<const std::uint8_t>) {
  refuse();
}

void column_minmax(std::span<const double* const>, std::span<const std::uint8_t>,
                   std::span<ColumnScale>) {
  refuse();
}

void scale_columns(std::span<double* const>, std::int64_t, std::span<const ColumnScale>) {
  refuse();
}

Prepared prepare(std::span<const PrepareColumn>, std::span<std::uint64_t* const>,
                 std::span<std::uint8_t>, bool, std::int64_t) {
  refuse();
}

void decision_function(std::span<const double* const>, const LinearModel&, std::span<double>,
                       std::int64_t) {
  refuse();
}

void gram_by_fold(const RowBlocks&, std::span<const std::int32_t>, std::span<const double>,
                  std::span<const int>, std::span<double>, std::int64_t) {
  refuse();
}

std::unique_ptr<LogisticSums> logistic_sums(const LogisticProblem&, std::int64_t) { refuse(); }

std::unique_ptr<DeviceDescent> device_descent(const LogisticSums&, const LogisticProblem&,
                                              const DescentRules&) {
  refuse();
}

}  // namespace gradstep::cuda
