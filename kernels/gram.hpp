#pragma once

#include <cstdint>
#include <span>

#include "kernels/core/backend.hpp"
#include "kernels/row_blocks.hpp"

namespace gradstep {

/// Gram matrices of A = [X 1] by fold: sum of weight_i a_i a_i' over the rows of each fold. That of
/// a model that leaves one fold out is the sum of all but one of them.
///
/// @param rows         n rows by d columns, finite
/// @param fold_of_row  length n, -1: the row counts nowhere; or empty: all rows are of fold 0
/// @param row_weight   length n, >= 0; or empty: all 1
/// @param folds        distinct folds with a sum of their own; all other rows share the last sum
/// @param sums         out, length (folds.size() + 1) (d+1)^2: full symmetric matrices
/// @throws InvalidArgument     when a length does not fit
/// @throws BackendUnavailable  when `backend` cannot run here
///
/// Work: one read of X, n (d+1)^2 multiplications. Same bits for any `threads`; on a GPU from run
/// to run on one model. device_memory: as in SolverOptions.
void gram_by_fold(const RowBlocks& rows, std::span<const std::int32_t> fold_of_row,
                  std::span<const double> row_weight, std::span<const int> folds,
                  std::span<double> sums, int threads, Backend backend,
                  std::int64_t device_memory = 0);

namespace cuda {
/// The device half: rows from host memory. In gram.cu, or cuda/unavailable.cpp.
void gram_by_fold(const RowBlocks& rows, std::span<const std::int32_t> fold_of_row,
                  std::span<const double> row_weight, std::span<const int> folds,
                  std::span<double> sums, std::int64_t device_memory);
}  // namespace cuda

}  // namespace gradstep
