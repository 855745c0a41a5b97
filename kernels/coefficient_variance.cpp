#include "kernels/coefficient_variance.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <span>
#include <utility>

#include "kernels/core/error.hpp"
#include "kernels/logistic.hpp"
#include "kernels/metric.hpp"

namespace gradstep {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd hessian_of_loss(const LogisticProblem& problem, int model, const VectorXd& v,
                         const SolverOptions& options) {
  const LogisticPoint point{model, v.data()};
  MatrixXd hessian(v.size(), v.size());
  const std::span<double> sums(hessian.data(), static_cast<std::size_t>(hessian.size()));
  logistic_sums(problem, options.threads, options.backend, options.device_memory)
      ->hessian({&point, 1}, sums);
  if (options.reduce) options.reduce(sums);
  return hessian;
}

}  // namespace

std::vector<double> coefficient_variances(const LogisticProblem& problem, int model, const Fit& fit,
                                          const SolverOptions& options) {
  expects(model >= 0 && model < std::ssize(problem.models),
          "coefficient_variances: the model is one of the problem's");
  const Eigen::Index d = problem.rows->cols();
  expects(std::ssize(fit.coefficients) == d, "coefficient_variances: one coefficient per column");
  VectorXd v(d + 1);
  std::copy(fit.coefficients.begin(), fit.coefficients.end(), v.begin());
  v[d] = fit.intercept;

  MatrixXd hessian = hessian_of_loss(problem, model, v, options);
  const double reg = problem.models[static_cast<std::size_t>(model)].reg;
  hessian.diagonal().head(problem.penalize_intercept ? d + 1 : d).array() += reg;
  if (!hessian.allFinite()) return {};
  const Metric metric(std::move(hessian));
  if (metric.damped()) return {};
  const Eigen::RowVectorXd variances = metric.inverse_factor().colwise().squaredNorm();
  return {variances.begin(), variances.end()};
}

}  // namespace gradstep
