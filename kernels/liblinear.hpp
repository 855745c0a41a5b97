#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>

#include "kernels/solver.hpp"

namespace gradstep {

/// OpenBLAS' kernels for dot, axpy and nrm2. They add in different orders, so scikit-learn's
/// coefficients depend on the CPU: by 1e-10 on benign data, by units on badly scaled data.
enum class BlasKernel {
  skylakex,  ///< CPUs with AVX-512
  haswell,   ///< other CPUs with AVX2, AMD Zen up to 3 among them
};

std::ostream& operator<<(std::ostream& out, BlasKernel kernel);

/// The kernel that OpenBLAS takes on this machine.
[[nodiscard]] BlasKernel blas_kernel_of_this_machine();

struct LiblinearOptions {
  double tolerance = 1e-4;                                 ///< scikit-learn's tol
  int max_iterations = 100;                                ///< scikit-learn's max_iter
  std::optional<BlasKernel> kernel = std::nullopt;         ///< none: blas_kernel_of_this_machine()
  std::function<void(const CurvePoint&)> after_step = {};  ///< told of the start, too; may be empty
};

/// Replays scikit-learn's LogisticRegression(C=1/reg, solver="liblinear"), to the last bit.
///
/// It is liblinear's trust region Newton method (Lin, Weng, Keerthi 2008), stopped as early as
/// scikit-learn stops it, so the result is near the optimum only: the same digits need the same
/// path, that is the same order of rows and of every sum. Sequential, on the CPU.
///
/// @param columns       d feature columns, finite
/// @param rows          the training rows in train_test_split's order, which matters to the bits
/// @param class_of_row  by row number: 1 for the larger label, 0 for the smaller
/// @return coefficients, intercept and iterations as scikit-learn's coef_, intercept_ and n_iter_;
///     objective and gradient_norm in the terms of LogisticProblem; passes counts every read of the
///     training rows, two for each product with the Hessian
/// @throws InvalidArgument  reg is not positive and finite
///
/// Memory: a copy of the training rows. Agreement: equal in all bits to the given kernel's result
/// on x86-64 with glibc, whose exp and log are used.
/// Source: scikit-learn 1.9 with OpenBLAS 0.3.30; LIBLINEAR (BSD licence).
[[nodiscard]] Fit liblinear(std::span<const double* const> columns,
                            std::span<const std::int64_t> rows,
                            std::span<const std::int32_t> class_of_row, double reg,
                            const LiblinearOptions& options = {});

}  // namespace gradstep
