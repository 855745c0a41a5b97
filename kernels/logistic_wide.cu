#include "kernels/cuda/block_reduce.cuh"
#include "kernels/logistic_kernels.cuh"

namespace gradstep::cuda {
namespace {

// Any d, one point. A block makes the loss of one partial sum and leaves its rows' residuals; a
// thread has a row and goes through its columns: coalesced, each element read once.
// Shared: the reduction's scratch. Traffic of a row: 8 d (4 d) B, its class, fold and weight, 8 B
// written. Weak when there are few rows.
template <class T>
__global__ void __launch_bounds__(threads_per_block)
    wide_residual_kernel(Terms<T> terms, int index, double* residuals) {
  __shared__ double scratch[threads_per_block];
  const int point = terms.point_at(index);
  if (point < 0) return;  // the whole block
  const Slab<T>& slab = terms.slab;
  const double* const v = terms.points.v + point * (slab.columns + 1);
  const Slot slot = terms.points.slots[point];
  const std::int64_t first = blockIdx.x * terms.rows_of_a_partial;
  const std::int64_t end = min(first + terms.rows_of_a_partial, slab.rows);
  double loss = 0;
  for (std::int64_t row = first + threadIdx.x; row < end; row += threads_per_block) {
    double z = v[slab.columns];
    for (std::int64_t c = 0; c < slab.columns; ++c)
      z = fma(static_cast<double>(slab.x[c * slab.stride + row]), v[c], z);
    const RowTerm term = term_of(z, target_of(terms.targets, slot, slab.first_row + row));
    residuals[row] = term.residual;
    loss += term.loss;
  }
  const double total = block_reduce(loss, scratch, Sum{});
  if (threadIdx.x == 0) terms.partial_sum(index, 0, blockIdx.x) = total;
}

// The gradient from those residuals: a warp has one column of one partial sum, the last column
// being 1. Each element of X is read once more; residuals are read by every warp, from cache.
template <class T>
__global__ void __launch_bounds__(threads_per_block)
    wide_gradient_kernel(Terms<T> terms, int index, const double* residuals) {
  if (terms.point_at(index) < 0) return;
  const Slab<T>& slab = terms.slab;
  const std::int64_t columns = slab.columns + 1;
  const std::int64_t warp = grid_thread() / 32;
  if (warp >= columns * terms.partials) return;
  const std::int64_t column = warp % columns;
  const std::int64_t partial = warp / columns;
  const std::int64_t first = partial * terms.rows_of_a_partial;
  const std::int64_t end = min(first + terms.rows_of_a_partial, slab.rows);
  double sum = 0;
  for (std::int64_t row = first + threadIdx.x % 32; row < end; row += 32) {
    const double x = column < slab.columns ? slab.x[column * slab.stride + row] : T{1};
    sum = fma(residuals[row], x, sum);
  }
  sum = warp_reduce(sum, Sum{});
  if (threadIdx.x % 32 == 0) terms.partial_sum(index, 1 + column, partial) = sum;
}

}  // namespace

template <class T>
void queue_wide_terms(const Terms<T>& terms, double* residuals, cudaStream_t stream) {
  const std::int64_t warps = (terms.slab.columns + 1) * terms.partials;
  for (int index = 0; index < terms.batch; ++index) {
    launch({terms.partials}, stream, wide_residual_kernel<T>, terms, index, residuals);
    launch({pieces(warps, warps_per_block)}, stream, wide_gradient_kernel<T>, terms, index,
           static_cast<const double*>(residuals));
  }
}

template void queue_wide_terms(const Terms<double>&, double*, cudaStream_t);
template void queue_wide_terms(const Terms<float>&, double*, cudaStream_t);

}  // namespace gradstep::cuda
