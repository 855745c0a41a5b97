#pragma once

#include <cstdint>

#include "kernels/cuda/launch.cuh"
#include "kernels/logistic_pass.cuh"

// The kernels of the fused pass: each adds up the terms of a slab's rows to partial sums.
// Internal to logistic_pass.cu.

namespace gradstep::cuda {

/// What all of them take. Partial sum i is that of rows [i, i + 1) * rows_of_a_partial of the slab,
/// and one block of threads makes it. Points are counted among the active ones.
template <class T>
struct Terms {
  Slab<T> slab;
  Targets targets;
  PassPoints points;
  const int* active;  ///< which points are active, -1 after the last; nullptr: one point
  int first_point;    ///< a multiple of 8
  int batch;          ///< points from there on
  std::int64_t rows_of_a_partial;
  std::int64_t partials;
  double* partial_sums;  ///< out, [point - first_point][entry][partial]: d+2 entries

  /// Which point is the batch's index-th active one; -1: there are not as many.
  [[nodiscard]] __device__ int point_at(int index) const {
    if (active != nullptr) return active[first_point + index];
    return points.slots[0].active != 0 ? 0 : -1;
  }
  [[nodiscard]] __device__ double& partial_sum(int index, std::int64_t entry,
                                               std::int64_t partial) const {
    return partial_sums[(index * (slab.columns + 2) + entry) * partials + partial];
  }
};

/// The widest rows that a thread keeps in registers.
inline constexpr std::int64_t most_columns_in_registers = 28;

/// One point, d <= 28. Queue, do not wait; so do all.
template <class T>
void queue_narrow_terms(const Terms<T>& terms, cudaStream_t stream);

/// Rows that fit a block's shared memory, with `points` (1 or 8) at once; 0 when too few do.
[[nodiscard]] std::int64_t rows_of_a_tile(std::int64_t columns, int points);

/// `points` (1 or 8) at once, for columns of which rows_of_a_tile() rows fit.
template <class T>
void queue_tile_terms(const Terms<T>& terms, int points, cudaStream_t stream);

/// Any number of columns. @param residuals  scratch, the slab's rows
template <class T>
void queue_wide_terms(const Terms<T>& terms, double* residuals, cudaStream_t stream);

/// Elements of X that are loaded at once: 16 bytes of a column.
template <class T>
inline constexpr int rows_of_a_vector = 16 / static_cast<int>(sizeof(T));

/// One load. `from` must be aligned to the size of what is loaded.
__device__ inline void load_vector(const float* from, float (&to)[2]) {
  const float2 both = *reinterpret_cast<const float2*>(from);
  to[0] = both.x;
  to[1] = both.y;
}
__device__ inline void load_vector(const double* from, double (&to)[2]) {
  const double2 both = *reinterpret_cast<const double2*>(from);
  to[0] = both.x;
  to[1] = both.y;
}
__device__ inline void load_vector(const float* from, float (&to)[4]) {
  const float4 all = *reinterpret_cast<const float4*>(from);
  to[0] = all.x;
  to[1] = all.y;
  to[2] = all.z;
  to[3] = all.w;
}

}  // namespace gradstep::cuda
