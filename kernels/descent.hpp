#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "kernels/descent_rules.hpp"
#include "kernels/logistic.hpp"
#include "kernels/solver.hpp"
#include "kernels/solver_state.hpp"

namespace gradstep {

/// What gradient_descent and newton have in common; kernels/gradient_descent.hpp describes it.
/// Internal to kernels/.
[[nodiscard]] std::vector<Fit> descend(const LogisticProblem& problem, const SolverOptions& options,
                                       MetricRefresh refresh, SolverState* state,
                                       const AfterPass& after_pass);

namespace cuda {

/// The loop between two looks of the host: the models' states stay on the device.
class DeviceDescent {
 public:
  DeviceDescent() = default;
  DeviceDescent(const DeviceDescent&) = delete;
  DeviceDescent& operator=(const DeviceDescent&) = delete;
  virtual ~DeviceDescent() = default;

  /// Takes the states of all models some steps on: each running model until it stops, wants its
  /// Hessian, or a fixed number of reads of X is over. The host waits at the end, not
  /// in between.
  ///
  /// @param states          all models', in their order; the metric is not touched
  /// @param inverse_factor  called for a model whose metric is new: W, D x D by columns, lower
  ///                        triangular, with metric^-1 = W' W
  /// @param damped          called with it: see Metric::damped()
  /// Like the CPU's loop, but for the halves of a rejected step, which are looked at one a read:
  /// more passes, and other steps from there on.
  virtual void advance(std::span<ModelState> states,
                       const std::function<std::vector<double>(std::size_t model)>& inverse_factor,
                       const std::function<bool(std::size_t model)>& damped) = 0;
};

/// @param sums  what cuda::logistic_sums() made of the problem; must outlive the result
/// In descent.cu, or cuda/unavailable.cpp.
[[nodiscard]] std::unique_ptr<DeviceDescent> device_descent(const LogisticSums& sums,
                                                            const LogisticProblem& problem,
                                                            const DescentRules& rules);
}  // namespace cuda

}  // namespace gradstep
