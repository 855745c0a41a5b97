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
  const int* active;        ///< which points are active, -1 after the last; nullptr: one point
  const int* active_count;  ///< how many
  int first_point;          ///< a multiple of points_of_largest_group
  int batch;                ///< points from there on
  int stride;               ///< batch, filled up to whole groups
  std::int64_t rows_of_a_partial;
  std::int64_t partials;
  double* partial_sums;  ///< out, [partial][entry][point - first_point]: d+2 entries

  /// Which point is the batch's index-th active one; -1: there are not as many.
  [[nodiscard]] __device__ int point_at(int index) const {
    if (active != nullptr) return active[first_point + index];
    return points.slots[0].active != 0 ? 0 : -1;
  }
  [[nodiscard]] __device__ double& partial_sum(int index, std::int64_t entry,
                                               std::int64_t partial) const {
    return partial_sums[(partial * (slab.columns + 2) + entry) * stride + index];
  }
};

/// The widest rows that a thread keeps in registers.
inline constexpr std::int64_t most_columns_in_registers = 28;

/// One point, d <= 28. Queue, do not wait; so do all.
template <class T>
void queue_narrow_terms(const Terms<T>& terms, cudaStream_t stream);

inline constexpr int points_of_largest_group = 32;

/// How many of `count` points, at least 2, a block takes together: 8, or 32; 0 when no tile of 8
/// rows fits its shared memory.
[[nodiscard]] int points_of_a_group(std::int64_t columns, int count);

/// @param active  as in Terms
/// @param packed  out, whole groups
void queue_pack_points(const PassPoints& points, const int* active, std::int64_t columns,
                       const PackedPoints& packed, cudaStream_t stream);

/// All points of the batch from one read of X, where points_of_a_group() is not 0.
template <class T>
void queue_points_terms(const Terms<T>& terms, const PackedPoints& points, cudaStream_t stream);

/// Rows that fit a block's shared memory; 0 when too few do.
[[nodiscard]] std::int64_t rows_of_a_tile(std::int64_t columns);

/// One point after the other, for columns of which rows_of_a_tile() rows fit.
template <class T>
void queue_tile_terms(const Terms<T>& terms, cudaStream_t stream);

/// One point after the other, any number of columns. @param residuals  scratch, the slab's rows
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
