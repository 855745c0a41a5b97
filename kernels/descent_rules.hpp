#pragma once

#include <cmath>
#include <cstdint>

#include "kernels/core/host_device.hpp"
#include "kernels/solver_state.hpp"

namespace gradstep {

/// When the metric becomes the Hessian at the current point.
enum class MetricRefresh { when_slow, at_every_point };

/// The decisions of descend(), in one place for the CPU's loop and the device's. slope is
/// g' metric^-1 g, direction metric^-1 g; t are step lengths. Internal to kernels/.
struct DescentRules {
  double tolerance = 1e-8;
  std::int32_t max_iterations = 1000;
  MetricRefresh refresh = MetricRefresh::when_slow;
  bool only_hessian_confirms = false;  ///< a stop; else the last steps may do so (is_sure)

  static constexpr double shortest_step = 1e-10;  // below: rounding, not the step, stops f falling
  static constexpr double longest_step = 1e3;
  static constexpr double sufficient = 1e-4;  // Armijo's share of the slope
  static constexpr double rounding = 1e-14;   // of f, relative: what a sum over the rows may be off
  static constexpr double below_rounding = 1e-32;  // of f: margins exact to 1e-16 on average
  static constexpr double slow = 0.01;  // g' M^-1 g should fall to this share within a window
  static constexpr std::int32_t window_of_hessian = 2;
  static constexpr std::int32_t stalled_for_good = 10;
  // What a step leaves of g' M^-1 g when M is close to the Hessian: a half, or a tenth, of the
  // error.
  static constexpr double close = 0.25;
  static constexpr double very_close = 0.01;
  static constexpr std::int32_t sure_enough = 4;

  /// Armijo's rule for a step of t; the first point is always taken. False for NaN.
  [[nodiscard]] static GRADSTEP_HOST_DEVICE bool accepts(const DescentProgress& at, double t,
                                                         double objective, double slope) {
    return at.passes == 1 ||
           objective <= at.objective - sufficient * t * slope + rounding * std::abs(at.objective);
  }

  /// After a read of which no step was accepted: the next is t. The sample misled, if it has the
  /// metric.
  static GRADSTEP_HOST_DEVICE void reject(DescentProgress& at, double t) {
    at.trial = t;
    if (at.sampled != 0)
      at.wants_hessian = 1;
    else if (t < shortest_step)
      at.stop_reason = StopReason::stagnation;
  }

  /// Counts the step; true when choose_step() is due, which it is not at the first point.
  static GRADSTEP_HOST_DEVICE bool count_step(DescentProgress& at, double objective) {
    at.objective = objective;
    if (at.passes == 1) return false;
    at.fresh = 0;
    ++at.iterations;
    ++at.since;
    return true;
  }

  /// Which of Barzilai and Borwein's two steps in the metric M comes next, by the parity of the
  /// passes: the long one, s'Ms / s'y, or the short one, s'y / y'M^-1 y. s: the last step taken, y:
  /// the change of the gradient.
  [[nodiscard]] static GRADSTEP_HOST_DEVICE bool takes_long_step(const DescentProgress& at) {
    return at.passes % 2 == 1;
  }

  /// True when choose_step() looks at the step it is given; false: it is always 1.
  [[nodiscard]] GRADSTEP_HOST_DEVICE bool varies_steps() const {
    return refresh != MetricRefresh::at_every_point;
  }

  /// @param step  the one that takes_long_step() says
  GRADSTEP_HOST_DEVICE void choose_step(DescentProgress& at, double s_y, double step) const {
    at.step = 1;
    if (!varies_steps()) return;
    const double least = is_hessian(at) ? 0.5 : 1.0;
    if (s_y > 0 && std::isfinite(step)) at.step = std::fmin(std::fmax(step, least), longest_step);
  }

  /// The metric is the Hessian at a point passed, or that of a sample, and not a bound of it.
  [[nodiscard]] static GRADSTEP_HOST_DEVICE bool is_hessian(const DescentProgress& at) {
    return at.hessians > 0 || at.sampled != 0;
  }

  /// To what share the slope should fall within a window. A sample's Hessian cannot do as well as
  /// that of all rows, which costs more than a few steps.
  [[nodiscard]] static GRADSTEP_HOST_DEVICE double slow_of(const DescentProgress& at) {
    return at.sampled != 0 ? close * close : slow;
  }

  /// The start is a sample's optimum, and the metric the sample's Hessian there.
  static GRADSTEP_HOST_DEVICE void take_sample(DescentProgress& at, double reads) {
    at.sample_reads = reads;
    at.sampled = 1;
    at.window = window_of_hessian;
  }

  /// A step has led from slope `before` to `after`. Were M the Hessian, nothing would be left: what
  /// is left says how far it is from it along the error.
  static GRADSTEP_HOST_DEVICE void compare_slopes(DescentProgress& at, double before,
                                                  double after) {
    at.left = before > 0 ? after / before : 1;
    if (!(at.left <= close))
      at.sure = 0;
    else
      at.sure += at.left <= very_close ? 2 : 1;
  }

  /// A sample's metric M needs no Hessian H of all rows to confirm a stop when the last steps have
  /// each left little: M^-1 g is the error then, up to a share r of it, and the answer, a step of 1
  /// on, is off by r |M^-1 g|. That should be a tenth of the tolerance. r is what a step leaves of
  /// the error, a tenth at least; and how far t, the step chosen, is from 1: where M = t H, steps
  /// of t leave nothing, but M^-1 g is a t-th of the error.
  [[nodiscard]] GRADSTEP_HOST_DEVICE bool is_sure(const DescentProgress& at,
                                                  double largest_direction,
                                                  double largest_v) const {
    const double share =
        std::fmax(std::sqrt(std::fmax(at.left, very_close)), std::abs(at.step - 1));
    return at.sure >= sure_enough && share * largest_direction <= tolerance / 10 * largest_v;
  }

  /// The metric has become the Hessian at the point reached.
  static GRADSTEP_HOST_DEVICE void take_hessian(DescentProgress& at, double slope) {
    ++at.hessians;
    at.sampled = 0;
    at.sure = 0;
    at.wants_hessian = 0;
    at.fresh = 1;
    at.since = 0;
    at.window = window_of_hessian;
    at.step = 1;
    at.reference = slope;
    at.least_slope = slope;
  }

  /// Close to the optimum f is exact to `rounding` only and cannot tell better from worse; there
  /// the gradient must go on to fall.
  static GRADSTEP_HOST_DEVICE void watch_rounding(DescentProgress& at, double slope) {
    if (slope < at.least_slope / 2) {
      at.least_slope = slope;
      at.stalled = 0;
    } else if (!(slope > rounding * at.objective)) {
      ++at.stalled;
    }
  }

  /// Stop, ask for the Hessian, or go on. largest_*: the largest absolute entry.
  /// damped: the metric is singular in doubles, so that the direction is not the error
  GRADSTEP_HOST_DEVICE void decide(DescentProgress& at, double slope, double largest_direction,
                                   double largest_v, bool damped) const {
    const bool small =  // maxima may have lost a NaN, the slope has not
        std::isfinite(slope) &&
        (largest_direction <= tolerance * largest_v || slope <= below_rounding * at.objective);
    const bool at_end = at.iterations >= max_iterations;
    const bool turn_over = at.since >= at.window;
    const bool closing_in = !only_hessian_confirms && at.sampled != 0 && at.sure > 0 && !damped;
    if (small && (at.fresh != 0 || (closing_in && is_sure(at, largest_direction, largest_v)))) {
      at.stop_reason = damped ? StopReason::stagnation : StopReason::tolerance;
    } else if (at.fresh == 0 &&
               ((small && (!closing_in || at_end)) ||
                (!at_end && (refresh == MetricRefresh::at_every_point ||
                             (turn_over && slope > slow_of(at) * at.reference))))) {
      at.wants_hessian = 1;
    } else if (at_end) {
      at.stop_reason = StopReason::max_iterations;
    } else if (at.stalled >= stalled_for_good || !std::isfinite(slope)) {
      at.stop_reason = StopReason::stagnation;
    } else {
      if (turn_over) {
        at.since = 0;
        at.reference = slope;
      }
      at.trial = at.step;
    }
  }
};

}  // namespace gradstep
