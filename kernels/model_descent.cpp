#include "kernels/model_descent.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

constexpr int halves_per_read = 4;       // looked at together after a rejected step
constexpr double shortest_step = 1e-10;  // below: rounding, not the step, keeps f from falling
constexpr double longest_step = 1e3;
constexpr double sufficient = 1e-4;       // Armijo's share of the slope
constexpr double rounding = 1e-14;        // of f, relative: what a sum over the rows may be off
constexpr double below_rounding = 1e-32;  // of f: margins exact to 1e-16 on average
constexpr double slow = 0.01;             // g' M^-1 g should fall to this share within a window
constexpr int window_of_hessian = 2;
constexpr int stalled_for_good = 10;

}  // namespace

ModelDescent::ModelDescent(ModelState& state, const Model& model, bool penalize_intercept,
                           const SolverOptions& options, MetricRefresh refresh, std::int64_t size)
    : state_(state),
      options_(options),
      refresh_(refresh),
      size_(size),
      penalty_(Vector::Constant(size, model.reg)) {
  if (!penalize_intercept) penalty_[size - 1] = 0;
}

void ModelDescent::start(const Eigen::MatrixXd& gram) {
  const auto length = static_cast<std::size_t>(size_);
  state_.v.assign(length, 0);
  state_.gradient.assign(length, 0);
  state_.direction.assign(length, 0);
  set_metric(gram / 4);
  state_.fresh = 1;  // p (1 - p) = 1/4 at v = 0
}

void ModelDescent::resume() {
  metric_ = std::make_unique<Metric>(
      Eigen::Map<const Eigen::MatrixXd>(state_.metric.data(), size_, size_));
}

void ModelDescent::set_metric(Eigen::MatrixXd metric) {
  metric.diagonal() += penalty_;
  if (!metric.allFinite())
    throw DataError("the squares of the feature values overflow; scale the columns");
  state_.metric.assign(metric.data(), metric.data() + metric.size());
  metric_ = std::make_unique<Metric>(std::move(metric));
}

void ModelDescent::take_hessian(const Eigen::MatrixXd& hessian) {
  set_metric(hessian);
  ++state_.hessians;
  state_.wants_hessian = 0;
  state_.fresh = 1;
  state_.since = 0;
  state_.window = window_of_hessian;
  state_.step = 1;
  look_for_direction();
  state_.reference = slope();
  state_.least_slope = state_.reference;
  decide();
}

Eigen::MatrixXd ModelDescent::trials() const {
  if (state_.passes == 0) return v();
  const bool first = state_.trial == state_.step;
  Eigen::MatrixXd points(size_, first ? 1 : halves_per_read);
  double t = state_.trial;
  for (auto point : points.colwise()) {
    point = v() - t * direction();
    t /= 2;
  }
  return points;
}

void ModelDescent::take_sums(const Eigen::MatrixXd& sums) {
  const Eigen::MatrixXd points = trials();
  ++state_.passes;
  double t = state_.trial;
  for (Eigen::Index k = 0; k < points.cols(); ++k, t /= 2) {
    const Vector at = points.col(k);
    const double objective = sums(0, k) + at.cwiseAbs2().dot(penalty_) / 2;
    const double enough =
        state_.objective - sufficient * t * slope() + rounding * std::abs(state_.objective);
    if (state_.passes == 1 || objective <= enough) {  // false for NaN
      const Vector gradient = sums.col(k).tail(size_) + penalty_.cwiseProduct(at);
      return accept(t, objective, gradient);
    }
  }
  state_.trial = t;
  if (t < shortest_step) state_.stop_reason = StopReason::stagnation;
}

void ModelDescent::accept(double t, double objective, const Vector& gradient) {
  const Vector change = gradient - this->gradient();
  const Vector reached = v() - t * direction();
  const Vector moved = reached - v();
  state_.objective = objective;
  view(state_.gradient) = gradient;
  if (state_.passes == 1) {
    look_for_direction();
    state_.reference = slope();
  } else {
    view(state_.v) = reached;
    state_.fresh = 0;
    ++state_.iterations;
    ++state_.since;
    look_for_direction();
    choose_step(moved, change);
  }
  watch_rounding();
  decide();
}

void ModelDescent::look_for_direction() { view(state_.direction) = metric_->solve(gradient()); }

// Barzilai and Borwein's two steps in the metric; long or short by the parity of the passes.
void ModelDescent::choose_step(const Vector& moved, const Vector& change) {
  state_.step = 1;
  if (refresh_ == MetricRefresh::at_every_point) return;
  const double curvature = moved.dot(change);
  const double step = state_.passes % 2 == 1 ? moved.dot(metric_->matrix() * moved) / curvature
                                             : curvature / change.dot(metric_->solve(change));
  const double least = state_.hessians > 0 ? 0.5 : 1.0;
  if (curvature > 0 && std::isfinite(step)) state_.step = std::clamp(step, least, longest_step);
}

// Close to the optimum f is exact to `rounding` only and cannot tell better from worse; there the
// gradient must go on to fall.
void ModelDescent::watch_rounding() {
  if (slope() < state_.least_slope / 2) {
    state_.least_slope = slope();
    state_.stalled = 0;
  } else if (!(slope() > rounding * state_.objective)) {
    ++state_.stalled;
  }
}

void ModelDescent::decide() {
  const bool small =
      direction().cwiseAbs().maxCoeff() <= options_.tolerance * v().cwiseAbs().maxCoeff() ||
      slope() <= below_rounding * state_.objective;
  const bool at_end = state_.iterations >= options_.max_iterations;
  const bool turn_over = state_.since >= state_.window;
  if (state_.fresh != 0 && small) {
    state_.stop_reason = metric_->damped() ? StopReason::stagnation : StopReason::tolerance;
  } else if (state_.fresh == 0 &&
             (small || (!at_end && (refresh_ == MetricRefresh::at_every_point ||
                                    (turn_over && slope() > slow * state_.reference))))) {
    state_.wants_hessian = 1;
  } else if (at_end) {
    state_.stop_reason = StopReason::max_iterations;
  } else if (state_.stalled >= stalled_for_good || !std::isfinite(slope())) {
    state_.stop_reason = StopReason::stagnation;
  } else {
    if (turn_over) {
      state_.since = 0;
      state_.reference = slope();
    }
    state_.trial = state_.step;
  }
}

Fit ModelDescent::fit() const {
  Fit fit;
  fit.stop_reason = state_.stop_reason;
  fit.converged = fit.stop_reason == StopReason::tolerance;
  // What confirmed the stop is a Newton step, and taking it costs nothing: it squares the error.
  const Vector at = fit.converged ? Vector(v() - direction()) : v();
  fit.coefficients.assign(at.begin(), at.end() - 1);
  fit.intercept = at[size_ - 1];
  fit.objective = state_.objective;
  fit.gradient_norm = gradient().norm();
  fit.iterations = state_.iterations;
  fit.passes = state_.passes;
  fit.hessians = state_.hessians;
  return fit;
}

}  // namespace gradstep
