#include "kernels/cuda/block_reduce.cuh"
#include "kernels/logistic_kernels.cuh"

namespace gradstep::cuda {
namespace {

// Rows that a thread takes at a time: 16 bytes of a column of float64. As many of float32, so that
// numbers that float32 holds have the same sums in either; more would cost registers, too.
constexpr int count = 2;

// At most D columns, one point. A block makes one partial sum. A thread takes some neighbouring
// rows at a time; they stay in its registers and serve z and the gradient, whose d+2 sums are its
// own until the end.
// Neighbours read neighbours: coalesced loads, of 128 bits (float32: 64). Each element of X is read
// once. Shared: the coefficients and the reduction's scratch. Traffic of a row: 8 d (4 d) B, its
// class, fold and weight. Weak when d is far below D, or where fewer rows than SMs fill a partial
// sum.
template <class T, int D>
__global__ void __launch_bounds__(threads_per_block) narrow_kernel(Terms<T> terms) {
  __shared__ double scratch[threads_per_block];
  // The intercept last. Volatile, or the compiler keeps a copy in registers, too, which it lacks.
  __shared__ volatile double v[D + 1];
  const int point = terms.point_at(0);
  if (point < 0) return;  // the whole block
  const Slab<T>& slab = terms.slab;
  const int d = static_cast<int>(slab.columns);
  const double* const coefficients = terms.points.v + std::int64_t{point} * (d + 1);
  const int thread = static_cast<int>(threadIdx.x);
  if (thread < D) v[thread] = thread < d ? coefficients[thread] : 0.0;
  if (thread == D) v[D] = coefficients[d];
  const Slot slot = terms.points.slots[point];
  __syncthreads();  // v is complete

  double sum[D] = {};
  double sum_of_residuals = 0;
  double loss = 0;
  const std::int64_t first = blockIdx.x * terms.rows_of_a_partial;
  const T* const x = slab.x + first;
  const int rows = static_cast<int>(min(terms.rows_of_a_partial, slab.rows - first));
  for (int row = thread * count; row < rows; row += threads_per_block * count) {
    T value[D][count] = {};
    double z[count];
    for (double& each : z) each = v[D];
#pragma unroll
    for (int c = 0; c < D; ++c) {
      if (c < d) load_vector(x + c * slab.stride + row, value[c]);
#pragma unroll
      for (int k = 0; k < count; ++k) z[k] = fma(static_cast<double>(value[c][k]), v[c], z[k]);
    }
#pragma unroll
    for (int k = 0; k < count; ++k) {
      if (row + k >= rows) continue;
      const std::int64_t at = slab.first_row + first + row + k;
      const RowTerm term = term_of(z[k], target_of(terms.targets, slot, at));
      loss += term.loss;
      sum_of_residuals += term.residual;
#pragma unroll
      for (int c = 0; c < D; ++c)
        sum[c] = fma(term.residual, static_cast<double>(value[c][k]), sum[c]);
    }
  }

  const auto put = [&](int entry, double mine) {
    const double total = block_reduce(mine, scratch, Sum{});
    if (threadIdx.x == 0) terms.partial_sum(0, entry, blockIdx.x) = total;
  };
  put(0, loss);
#pragma unroll
  for (int c = 0; c < D; ++c)
    if (c < d) put(1 + c, sum[c]);
  put(1 + d, sum_of_residuals);
}

template <int D, class T>
void launch_narrow(const Terms<T>& terms, cudaStream_t stream) {
  if constexpr (D < most_columns_in_registers)
    if (terms.slab.columns > D) return launch_narrow<D + 4>(terms, stream);
  launch({terms.partials}, stream, narrow_kernel<T, D>, terms);
}

}  // namespace

template <class T>
void queue_narrow_terms(const Terms<T>& terms, cudaStream_t stream) {
  launch_narrow<4>(terms, stream);
}

template void queue_narrow_terms(const Terms<double>&, cudaStream_t);
template void queue_narrow_terms(const Terms<float>&, cudaStream_t);

}  // namespace gradstep::cuda
