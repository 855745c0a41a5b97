#include "kernels/liblinear.hpp"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/liblinear_blas.hpp"

// Every expression here is evaluated as written, one rounding an operation (the build turns
// contraction off), and every sum runs in one order: changing either changes the result.

namespace gradstep {
namespace {

using Vector = std::vector<double>;

// w.w/2 + sum C log(1 + exp(-y x.w)), the intercept being the weight of a last feature of 1, on
// rows sorted by class: all of the smaller label, then all of the other.
class Objective {
 public:
  Objective(std::span<const double* const> columns, std::span<const std::int64_t> rows,
            std::span<const std::int32_t> class_of_row, double c)
      : size_(columns.size() + 1), c_(c) {
    x_.reserve(rows.size() * size_);
    for (const bool positive : {false, true})
      for (const std::int64_t row : rows) {
        if ((class_of_row[static_cast<std::size_t>(row)] == 1) != positive) continue;
        for (const double* column : columns) x_.push_back(column[row]);
        x_.push_back(1.0);
        y_.push_back(positive ? 1.0 : -1.0);
      }
    curvature_.resize(y_.size());
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t rows() const { return y_.size(); }
  [[nodiscard]] int reads() const { return reads_; }
  [[nodiscard]] std::size_t positives() const {
    return static_cast<std::size_t>(std::count(y_.begin(), y_.end(), 1.0));
  }

  double value(const Vector& w) {
    z_ = times(w);
    double squares = 0.0;
    for (const double v : w) squares += v * v;
    double f = squares / 2.0;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double margin = y_[i] * z_[i];
      f += margin >= 0 ? c_ * std::log(1 + std::exp(-margin))
                       : c_ * (-margin + std::log(1 + std::exp(margin)));
    }
    return f;
  }

  /// At the w that value() was last called with; keeps the curvature for hessian_times().
  Vector gradient(const Vector& w) {
    Vector residual(y_.size());
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double p = 1 / (1 + std::exp(-y_[i] * z_[i]));
      curvature_[i] = p * (1 - p);
      residual[i] = c_ * (p - 1) * y_[i];
    }
    return plus(w, transposed_times(residual));
  }

  Vector hessian_times(const Vector& v) {
    Vector z = times(v);
    for (std::size_t i = 0; i < y_.size(); ++i) z[i] = c_ * curvature_[i] * z[i];
    return plus(v, transposed_times(z));
  }

 private:
  Vector times(const Vector& v) {
    ++reads_;
    Vector z(y_.size());
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double* const row = x_.data() + i * size_;
      double sum = 0.0;
      for (std::size_t j = 0; j < size_; ++j) sum += v[j] * row[j];
      z[i] = sum;
    }
    return z;
  }

  // Row by row: each column's sum still runs from the first row to the last.
  Vector transposed_times(const Vector& v) {
    ++reads_;
    Vector sums(size_);
    for (std::size_t i = 0; i < v.size(); ++i) {
      const double* const row = x_.data() + i * size_;
      for (std::size_t j = 0; j < size_; ++j) sums[j] += v[i] * row[j];
    }
    return sums;
  }

  static Vector plus(const Vector& a, Vector b) {
    for (std::size_t j = 0; j < b.size(); ++j) b[j] = a[j] + b[j];
    return b;
  }

  std::size_t size_;
  double c_;
  Vector x_;  // by rows
  Vector y_;
  Vector z_;
  Vector curvature_;
  int reads_ = 0;
};

// A step and what is left of g + H step.
struct Step {
  Vector s;
  Vector r;
};

// Goes on from s along d to the boundary of the trust region: the length to go.
double length_to_boundary(const LiblinearBlas& blas, const Vector& s, const Vector& d,
                          double delta) {
  const double sd = blas.dot(s, d);
  const double ss = blas.dot(s, s);
  const double dd = blas.dot(d, d);
  const double root = std::sqrt(sd * sd + dd * (delta * delta - ss));
  return sd >= 0 ? (delta * delta - ss) / (sd + root) : (root - sd) / dd;
}

Step conjugate_gradients(Objective& problem, const LiblinearBlas& blas, double delta,
                         const Vector& g) {
  Step step{Vector(g.size()), Vector(g.size())};
  auto& [s, r] = step;
  std::transform(g.begin(), g.end(), r.begin(), [](double v) { return -v; });
  Vector d = r;
  const double enough = 0.1 * LiblinearBlas::nrm2(g);
  double rr = blas.dot(r, r);
  while (LiblinearBlas::nrm2(r) > enough) {
    const Vector hd = problem.hessian_times(d);
    double alpha = rr / blas.dot(d, hd);
    blas.axpy(alpha, d, s);
    if (LiblinearBlas::nrm2(s) > delta) {
      blas.axpy(-alpha, d, s);
      alpha = length_to_boundary(blas, s, d, delta);
      blas.axpy(alpha, d, s);
      blas.axpy(-alpha, hd, r);
      break;
    }
    blas.axpy(-alpha, hd, r);
    const double rr_new = blas.dot(r, r);
    const double beta = rr_new / rr;
    for (double& v : d) v = beta * v;
    blas.axpy(1.0, r, d);
    rr = rr_new;
  }
  return step;
}

// What a step promised and what it did to the objective.
struct Outcome {
  double gs;         // g . s
  double predicted;  // decrease by the quadratic model
  double actual;
  double length;  // of the step
};

// The trust region's next radius: liblinear's sigma and eta constants.
double next_radius(double delta, const Outcome& step) {
  const double rise = -step.actual - step.gs;  // f_new - f - g.s
  const double alpha = rise <= 0 ? 4.0 : std::max(0.25, -0.5 * (step.gs / rise));
  if (step.actual < 1e-4 * step.predicted)
    return std::min(std::max(alpha, 0.25) * step.length, 0.5 * delta);
  if (step.actual < 0.25 * step.predicted)
    return std::max(0.25 * delta, std::min(alpha * step.length, 0.5 * delta));
  if (step.actual < 0.75 * step.predicted)
    return std::max(0.25 * delta, std::min(alpha * step.length, 4.0 * delta));
  return std::max(delta, std::min(alpha * step.length, 4.0 * delta));
}

// NaN is ours: there liblinear would go round forever.
bool nothing_to_gain(double f, const Outcome& step) {
  return std::isnan(step.actual) || f < -1e32 ||
         (std::abs(step.actual) <= 0 && step.predicted <= 0) ||
         (std::abs(step.actual) <= 1e-12 * std::abs(f) &&
          std::abs(step.predicted) <= 1e-12 * std::abs(f));
}

struct Descent {
  Vector w;
  double f = 0;
  double gradient_norm = 0;
  int accepted = 0;
  StopReason reason = StopReason::max_iterations;
};

// Calls `after_step` at w = 0 and after every step that is taken.
Descent minimise(Objective& problem, const LiblinearBlas& blas, double stop, int max_iterations,
                 const std::function<void(const Descent&)>& after_step) {
  Descent at{Vector(problem.size())};
  at.f = problem.value(at.w);
  Vector g = problem.gradient(at.w);
  const double first = LiblinearBlas::nrm2(g);
  at.gradient_norm = first;
  after_step(at);
  if (!(first > 0)) at.reason = StopReason::tolerance;
  double delta = first;
  while (at.accepted < max_iterations && first > 0) {
    const auto [s, r] = conjugate_gradients(problem, blas, delta, g);
    Vector w_new = at.w;
    blas.axpy(1.0, s, w_new);
    const double gs = blas.dot(g, s);
    const double predicted = -0.5 * (gs - blas.dot(s, r));
    const double f_new = problem.value(w_new);
    const Outcome step{gs, predicted, at.f - f_new, LiblinearBlas::nrm2(s)};
    if (at.accepted == 0) delta = std::min(delta, step.length);
    delta = next_radius(delta, step);
    if (step.actual > 1e-4 * step.predicted) {
      ++at.accepted;
      at.w = std::move(w_new);
      at.f = f_new;
      g = problem.gradient(at.w);
      at.gradient_norm = LiblinearBlas::nrm2(g);
      after_step(at);
      if (at.gradient_norm <= stop * first) {
        at.reason = StopReason::tolerance;
        break;
      }
    }
    if (nothing_to_gain(at.f, step)) {
      at.reason = StopReason::stagnation;
      break;
    }
  }
  return at;
}

}  // namespace

BlasKernel blas_kernel_of_this_machine() {
#if defined(__x86_64__)
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  return avx512 ? BlasKernel::skylakex : BlasKernel::haswell;
#else
  return BlasKernel::haswell;
#endif
}

std::ostream& operator<<(std::ostream& out, BlasKernel kernel) {
  return out << (kernel == BlasKernel::skylakex ? "skylakex" : "haswell");
}

Fit liblinear(std::span<const double* const> columns, std::span<const std::int64_t> rows,
              std::span<const std::int32_t> class_of_row, double reg,
              const LiblinearOptions& options) {
  expects(reg > 0 && std::isfinite(reg), "liblinear: reg must be > 0 and finite");
  Objective problem(columns, rows, class_of_row, 1 / reg);
  const std::size_t positive = problem.positives();
  const auto rarer =
      static_cast<double>(std::max<std::size_t>(std::min(positive, problem.rows() - positive), 1));
  const double stop = options.tolerance * rarer / static_cast<double>(problem.rows());
  const LiblinearBlas blas(options.kernel.value_or(blas_kernel_of_this_machine()));
  const Descent end = minimise(problem, blas, stop, options.max_iterations, [&](const Descent& at) {
    if (options.after_step) options.after_step({at.accepted, at.f * reg, at.gradient_norm * reg});
  });

  Fit fit;
  fit.coefficients.assign(end.w.begin(), end.w.end() - 1);
  fit.intercept = end.w.back();
  fit.objective = end.f * reg;
  fit.gradient_norm = end.gradient_norm * reg;
  fit.iterations = end.accepted;
  fit.passes = problem.reads();
  fit.stop_reason = end.reason;
  fit.converged = end.reason == StopReason::tolerance;
  return fit;
}

}  // namespace gradstep
