#include "kernels/descent_step.cuh"

#include <cmath>

#include "kernels/cuda/block_reduce.cuh"
#include "kernels/cuda/launch.cuh"

namespace gradstep::cuda {
namespace {

__device__ double penalty_of(const DescentStates& at, std::int64_t j, double reg) {
  return j + 1 < at.size || at.penalize_intercept ? reg : 0;
}

struct Larger {
  __device__ double operator()(double a, double b) const { return a < b ? b : a; }
};

// Folds term(j) over j = 0 … size-1, in thread 0. All threads of the block must call.
template <class Fold, class Term>
__device__ double over(std::int64_t size, double* scratch, Fold fold, Term term) {
  double value = 0;
  for (std::int64_t j = threadIdx.x; j < size; j += threads_per_block) value = fold(value, term(j));
  return block_reduce(value, scratch, fold);
}

// The point of the model's next read, and whether there is one. All threads of the block.
__device__ void place_next_point(const DescentStates& at, std::int64_t slot,
                                 const DescentProgress& progress) {
  const std::int64_t first = at.model_of_slot[slot] * at.size;
  for (std::int64_t j = threadIdx.x; j < at.size; j += threads_per_block)
    at.points[slot * at.size + j] =
        at.v[first + j] - (progress.passes == 0 ? 0 : progress.trial * at.direction[first + j]);
  if (threadIdx.x == 0)
    at.slots[slot].active =
        progress.stop_reason == StopReason::running && progress.wants_hessian == 0;
}

// One block a slot. Traffic: 24 B read and 8 B written per entry.
__global__ void __launch_bounds__(threads_per_block) place_kernel(DescentStates at) {
  const std::int64_t slot = blockIdx.x;
  place_next_point(at, slot, at.models[at.model_of_slot[slot]].progress);
}

// direction = W' (W gradient): a thread an entry of the first product, a warp one of the second, so
// that neighbours read neighbours in both. Half of the square W is read, once a product. Weak for
// thousands of columns: one block reads all of it.
__device__ void look_for_direction(const DescentStates& at, std::int64_t slot, std::int64_t model) {
  const double* w = at.inverse_factor + model * at.size * at.size;
  const double* gradient = at.gradient + model * at.size;
  double* product = at.work + slot * at.size;
  for (std::int64_t i = threadIdx.x; i < at.size; i += threads_per_block) {
    double sum = 0;
    for (std::int64_t j = 0; j <= i; ++j) sum = fma(w[j * at.size + i], gradient[j], sum);
    product[i] = sum;
  }
  __syncthreads();  // the product is complete
  for (std::int64_t j = threadIdx.x / 32; j < at.size; j += warps_per_block) {
    double sum = 0;
    for (std::int64_t i = j + threadIdx.x % 32; i < at.size; i += 32)
      sum = fma(w[j * at.size + i], product[i], sum);
    sum = warp_reduce(sum, Sum{});
    if (threadIdx.x % 32 == 0) at.direction[model * at.size + j] = sum;
  }
  __syncthreads();  // the direction is there
}

// What the block knows of the model it works on.
struct Place {
  std::int64_t slot, model;
  double reg;
  double* v;
  double* gradient;
  double* direction;
  double* change;  // of the gradient
  const double* point;
  const double* sums;
};

__device__ Place place_of(const DescentStates& at, std::int64_t slot) {
  const std::int64_t model = at.model_of_slot[slot];
  return {slot,
          model,
          at.models[model].reg,
          at.v + model * at.size,
          at.gradient + model * at.size,
          at.direction + model * at.size,
          at.change + slot * at.size,
          at.points + slot * at.size,
          at.sums + slot * (at.size + 1)};
}

// Goes to the point: v and the gradient, whose change is kept. Returns s'y, s the step and y the
// change, in thread 0; all entries are there for all threads then.
__device__ double go_to_point(const DescentStates& at, const Place& of, double* scratch) {
  return over(at.size, scratch, Sum{}, [&](std::int64_t j) {
    const double now = of.sums[1 + j] + penalty_of(at, j, of.reg) * of.point[j];
    const double y = now - of.gradient[j];
    const double s = of.point[j] - of.v[j];
    of.change[j] = y;
    of.gradient[j] = now;
    of.v[j] = of.point[j];
    return s * y;
  });
}

// The step has been accepted: the new direction, the next step's length, and what comes next.
// progress is thread 0's; so is slope, that of the point left. All threads call.
__device__ void step_on(const DescentStates& at, const Place& of, const DescentRules& rules,
                        double slope, bool stepped, DescentProgress& progress, double* scratch) {
  const auto dot = [&](const double* a, const double* b) {
    return over(at.size, scratch, Sum{}, [&](std::int64_t j) { return a[j] * b[j]; });
  };
  const auto largest = [&](const double* a) {
    return over(at.size, scratch, Larger{}, [&](std::int64_t j) { return std::abs(a[j]); });
  };
  const double s_y = go_to_point(at, of, scratch);
  const double left = dot(of.change, of.direction);
  look_for_direction(at, of.slot, of.model);
  const double reached = dot(of.change, of.direction);
  const double slope_reached = dot(of.gradient, of.direction);
  const double largest_direction = largest(of.direction);
  const double largest_v = largest(of.v);
  if (threadIdx.x != 0) return;
  // s = -t M^-1 g, and M^-1 y is the change of the direction: neither needs the metric itself.
  if (stepped) {
    DescentRules::compare_slopes(progress, slope, slope_reached);
    rules.choose_step(progress, s_y,
                      DescentRules::takes_long_step(progress)
                          ? progress.trial * progress.trial * slope / s_y
                          : s_y / (reached - left));
  } else {
    progress.reference = slope_reached;
  }
  DescentRules::watch_rounding(progress, slope_reached);
  rules.decide(progress, slope_reached, largest_direction, largest_v,
               at.models[of.model].damped != 0);
}

// What the read says about the trial point; kernels/descent_rules.hpp decides, in thread 0.
// One block a slot. Shared: scratch of reductions, and the verdict.
// Traffic: D (D+1) entries of W and about 20 vectors of D a slot; nothing per row.
__global__ void __launch_bounds__(threads_per_block, 1)  // few blocks, so registers as needed
    step_kernel(DescentStates at, DescentRules rules) {
  __shared__ double scratch[threads_per_block];
  __shared__ bool accepted;
  const std::int64_t slot = blockIdx.x;
  if (at.slots[slot].active == 0) return;
  const Place of = place_of(at, slot);
  const double penalty = over(at.size, scratch, Sum{}, [&](std::int64_t j) {
    return penalty_of(at, j, of.reg) * of.point[j] * of.point[j];
  });
  const double slope = over(at.size, scratch, Sum{},
                            [&](std::int64_t j) { return of.gradient[j] * of.direction[j]; });
  // In place, by thread 0: a copy would take registers of every thread.
  DescentProgress& progress = at.models[of.model].progress;
  bool stepped = false;
  if (threadIdx.x == 0) {
    ++progress.passes;
    const double objective = of.sums[0] + penalty / 2;
    accepted = DescentRules::accepts(progress, progress.trial, objective, slope);
    if (accepted)
      stepped = DescentRules::count_step(progress, objective);
    else
      DescentRules::reject(progress, progress.trial / 2);
  }
  __syncthreads();  // the verdict is there
  if (accepted) step_on(at, of, rules, slope, stepped, progress, scratch);
  __syncthreads();  // the progress is there
  place_next_point(at, slot, progress);
}

}  // namespace

void queue_first_points(const DescentStates& states, int slots, cudaStream_t stream) {
  launch({slots}, stream, place_kernel, states);
}

void queue_steps(const DescentStates& states, const DescentRules& rules, int slots,
                 cudaStream_t stream) {
  launch({slots}, stream, step_kernel, states, rules);
}

}  // namespace gradstep::cuda
