#include "kernels/model_descent.hpp"

#include <utility>

#include "kernels/core/error.hpp"

namespace gradstep {
namespace {

constexpr int halves_per_read = 4;  // looked at together after a rejected step

}  // namespace

ModelDescent::ModelDescent(ModelState& state, const Model& model, bool penalize_intercept,
                           const DescentRules& rules, std::int64_t size)
    : state_(state), rules_(rules), size_(size), penalty_(Vector::Constant(size, model.reg)) {
  if (!penalize_intercept) penalty_[size - 1] = 0;
}

void ModelDescent::start(const Eigen::MatrixXd& gram) {
  const auto length = static_cast<std::size_t>(size_);
  state_.v.assign(length, 0);
  state_.gradient.assign(length, 0);
  state_.direction.assign(length, 0);
  set_loss_metric(gram / 4);
  state_.fresh = 1;  // p (1 - p) = 1/4 at v = 0
}

void ModelDescent::start_at(const Fit& fit, const ModelState& sample, const SampleShare& share) {
  const auto length = static_cast<std::size_t>(size_);
  state_.v = fit.coefficients;
  state_.v.push_back(fit.intercept);
  state_.gradient.assign(length, 0);
  state_.direction.assign(length, 0);
  set_metric(Eigen::Map<const Eigen::MatrixXd>(sample.metric.data(), size_, size_) / share.weight);
  DescentRules::take_sample(state_, share.rows * (fit.passes + fit.hessians + fit.sample_reads));
}

void ModelDescent::give_up_start() {
  const double reads = state_.sample_reads + state_.passes;
  static_cast<DescentProgress&>(state_) = {};
  state_.sample_reads = reads;
}

void ModelDescent::resume() {
  metric_ = std::make_unique<Metric>(
      Eigen::Map<const Eigen::MatrixXd>(state_.metric.data(), size_, size_));
}

void ModelDescent::set_loss_metric(Eigen::MatrixXd metric) {
  metric.diagonal() += penalty_;
  set_metric(std::move(metric));
}

void ModelDescent::set_metric(Eigen::MatrixXd metric) {
  if (!metric.allFinite())
    throw DataError("the squares of the feature values overflow; scale the columns");
  state_.metric.assign(metric.data(), metric.data() + metric.size());
  metric_ = std::make_unique<Metric>(std::move(metric));
}

void ModelDescent::take_hessian(const Eigen::MatrixXd& hessian) {
  set_loss_metric(hessian);
  look_for_direction();
  DescentRules::take_hessian(state_, slope());
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
    if (DescentRules::accepts(state_, t, objective, slope())) {
      const Vector gradient = sums.col(k).tail(size_) + penalty_.cwiseProduct(at);
      return accept(t, objective, gradient);
    }
  }
  DescentRules::reject(state_, t);
}

void ModelDescent::accept(double t, double objective, const Vector& gradient) {
  const Vector change = gradient - this->gradient();
  const Vector reached = v() - t * direction();
  const Vector moved = reached - v();
  const double slope_before = slope();
  view(state_.gradient) = gradient;
  if (DescentRules::count_step(state_, objective)) {
    view(state_.v) = reached;
    look_for_direction();
    DescentRules::compare_slopes(state_, slope_before, slope());
    const double s_y = moved.dot(change);
    rules_.choose_step(state_, s_y, rules_.varies_steps() ? step_after(moved, change, s_y) : 1.0);
  } else {
    look_for_direction();
    state_.reference = slope();
  }
  DescentRules::watch_rounding(state_, slope());
  decide();
}

double ModelDescent::step_after(const Vector& moved, const Vector& change, double s_y) const {
  return DescentRules::takes_long_step(state_) ? moved.dot(metric_->matrix() * moved) / s_y
                                               : s_y / change.dot(metric_->solve(change));
}

void ModelDescent::look_for_direction() { view(state_.direction) = metric_->solve(gradient()); }

void ModelDescent::decide() {
  rules_.decide(state_, slope(), direction().cwiseAbs().maxCoeff(), v().cwiseAbs().maxCoeff(),
                metric_->damped());
}

Fit ModelDescent::fit() const {
  Fit fit;
  fit.stop_reason = state_.stop_reason;
  fit.converged = fit.stop_reason == StopReason::tolerance;
  // What confirmed the stop is a step, and taking it costs nothing: with the Hessian at the point
  // it squares the error.
  const Vector at = fit.converged ? Vector(v() - direction()) : v();
  fit.coefficients.assign(at.begin(), at.end() - 1);
  fit.intercept = at[size_ - 1];
  fit.objective = state_.objective;
  fit.gradient_norm = gradient().norm();
  fit.iterations = state_.iterations;
  fit.passes = state_.passes;
  fit.hessians = state_.hessians;
  fit.sample_reads = state_.sample_reads;
  return fit;
}

}  // namespace gradstep
