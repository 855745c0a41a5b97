#pragma once

#include <cstdint>

#include "kernels/descent_rules.hpp"
#include "kernels/logistic.cuh"

namespace gradstep::cuda {

/// A model's plain numbers on the device.
struct DeviceModel {
  DescentProgress progress;
  double reg;
  std::int32_t damped;  ///< 1: see Metric::damped()
};

/// Where the states of a descent lie in device memory. Vectors have length D = d+1, one column a
/// model or, where so said, a slot: slot s is the s-th of the models that take part in a read.
struct DescentStates {
  std::int64_t size;  ///< D
  bool penalize_intercept;
  DeviceModel* models;
  double* v;
  double* gradient;
  double* direction;
  const double* inverse_factor;  ///< W, D x D a model: metric^-1 = W' W
  const std::int32_t* model_of_slot;
  Slot* slots;
  double* points;      ///< a slot: of the coming read
  double* change;      ///< a slot: of the gradient by the last step
  double* work;        ///< a slot: W times the gradient
  const double* sums;  ///< a slot, D + 1: of the read: loss, gradient
};

/// Queues the choice of the first points of the models in `slots` slots, and which are active.
void queue_first_points(const DescentStates& states, int slots, cudaStream_t stream);

/// Queues what follows a read: takes or halves the step, finds the direction, decides how to go on
/// by the rules, and places the next points. Work: D^2 a slot, nothing per row.
void queue_steps(const DescentStates& states, const DescentRules& rules, int slots,
                 cudaStream_t stream);

}  // namespace gradstep::cuda
