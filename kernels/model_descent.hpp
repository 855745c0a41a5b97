#pragma once

#include <Eigen/Core>

#include <memory>
#include <span>

#include "kernels/descent_rules.hpp"
#include "kernels/metric.hpp"
#include "kernels/solver_state.hpp"

namespace gradstep {

/// One model's part of descend(): all that happens between two reads of X. Internal to kernels/.
///
/// The cycle: while wants_hessian(), take_hessian(); then, while running(), the sums at trials()
/// go to take_sums().
class ModelDescent {
 public:
  /// `state` must outlive the object.
  ModelDescent(ModelState& state, const Model& model, bool penalize_intercept,
               const DescentRules& rules, std::int64_t size);

  /// Starts at v = 0. @param gram  A'A of the rows that train the model, D x D
  void start(const Eigen::MatrixXd& gram);
  /// What a sample has of all rows that train the model.
  struct SampleShare {
    double rows, weight;
  };
  /// Starts at the answer for a sample of the rows, whose reg was that of all times share.weight.
  /// @param sample  where the fit ended: confirmed by its Hessian
  void start_at(const Fit& fit, const ModelState& sample, const SampleShare& share);
  /// Forgets all but what it has cost, for another start().
  void give_up_start();
  /// Goes on from the state.
  void resume();

  /// Before start(), start_at() or resume().
  [[nodiscard]] bool not_started() const { return metric_ == nullptr; }
  [[nodiscard]] bool running() const { return state_.stop_reason == StopReason::running; }
  /// True between start_at() and the first take_sums().
  [[nodiscard]] bool starts_at_sample() const { return state_.sampled != 0 && state_.passes == 0; }
  /// The objective at the point reached.
  [[nodiscard]] double objective() const { return state_.objective; }
  [[nodiscard]] bool wants_hessian() const { return running() && state_.wants_hessian != 0; }

  /// @param hessian  of the loss at v, D x D, without the regulariser
  void take_hessian(const Eigen::MatrixXd& hessian);

  /// The points to be looked at in the next read, one a column: one, or after a rejection four.
  [[nodiscard]] Eigen::MatrixXd trials() const;

  /// @param sums  for each of trials(): loss, gradient [D]
  void take_sums(const Eigen::MatrixXd& sums);

  /// The point reached.
  [[nodiscard]] Eigen::VectorXd v() const {
    return Eigen::Map<const Eigen::VectorXd>(state_.v.data(), size_);
  }

  /// The metric as it is now.
  [[nodiscard]] const Metric& metric() const { return *metric_; }

  [[nodiscard]] Fit fit() const;

 private:
  using Vector = Eigen::VectorXd;
  using View = Eigen::Map<Vector>;

  [[nodiscard]] View view(std::vector<double>& values) const { return {values.data(), size_}; }
  [[nodiscard]] Vector gradient() const {
    return Eigen::Map<const Vector>(state_.gradient.data(), size_);
  }
  [[nodiscard]] Vector direction() const {
    return Eigen::Map<const Vector>(state_.direction.data(), size_);
  }
  [[nodiscard]] double slope() const { return gradient().dot(direction()); }

  /// @param metric  of the loss: the regulariser's part is added
  void set_loss_metric(Eigen::MatrixXd metric);
  void set_metric(Eigen::MatrixXd metric);
  void look_for_direction();
  /// Barzilai and Borwein's step; one product or one solve of D^2.
  [[nodiscard]] double step_after(const Vector& moved, const Vector& change, double s_y) const;
  void accept(double t, double objective, const Vector& gradient);
  void decide();

  ModelState& state_;
  DescentRules rules_;
  std::int64_t size_;
  Vector penalty_;                        ///< reg, once per coefficient, and of the intercept
  std::unique_ptr<const Metric> metric_;  ///< none before start() or resume()
};

}  // namespace gradstep
