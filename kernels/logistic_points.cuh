#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/cuda/block_reduce.cuh"
#include "kernels/logistic_kernels.cuh"

// What a block of points_kernel does, step by step. Internal to logistic_points.cu.

namespace gradstep::cuda {

/// Places of doubles in a block's dynamic shared memory. A = [X 1] has d+1 columns.
struct PointsLayout {
  int columns;    // d+1
  int v_columns;  // of v at once
  int residuals;  // [row][point], rows group + 2 apart; v, [column][point], comes first
  int a;          // [column][row], columns rows + 2 apart
  int losses;     // [8 rows][point]
  int slots;      // [point]
  int size;
};

/// What parts rows of residuals and columns of A: even, so that loads and stores of 16 bytes are
/// aligned, and not 0, so that neighbouring rows, and every other column, do not share a bank.
inline constexpr int points_padding = 2;

/// With as many columns of v at once as there is room for; size 0 when they are too few.
inline PointsLayout points_layout(std::int64_t columns, int rows, int group) {
  constexpr std::int64_t room = shared_memory_of_block / static_cast<std::int64_t>(sizeof(double));
  constexpr std::int64_t fewest = 16;
  const std::int64_t size = columns + 1;
  const std::int64_t residuals = std::int64_t{rows} * (group + points_padding);
  const std::int64_t losses = std::int64_t{rows} / 8 * group;
  if (size > room) return {};
  const std::int64_t a = size * (rows + points_padding);
  const std::int64_t slots = group * static_cast<std::int64_t>(sizeof(Slot) / sizeof(double));
  const std::int64_t left = room - residuals - losses - a - slots;
  const std::int64_t v_columns = std::min(size, left / group);
  if (v_columns < std::min(size, fewest)) return {};
  PointsLayout layout{};
  layout.columns = static_cast<int>(size);
  layout.v_columns = static_cast<int>(v_columns);
  layout.residuals = layout.v_columns * group;
  layout.a = layout.residuals + static_cast<int>(residuals);
  layout.losses = layout.a + static_cast<int>(a);
  layout.slots = layout.losses + static_cast<int>(losses);
  layout.size = layout.slots + static_cast<int>(slots);
  return layout;
}

/// Folds what 8 neighbouring lanes have for Q points each, always in the same order. A lane ends
/// with one of the points, point_of_lane(): of each two lanes one goes on with half of the points.
template <int Q, int distance = 1, class Fold>
__device__ double fold_eight_lanes(const double (&value)[Q], Fold fold) {
  if constexpr (distance == 8) {
    return value[0];
  } else if constexpr (Q == 1) {
    const double both[1] = {fold(value[0], __shfl_xor_sync(all_lanes, value[0], distance))};
    return fold_eight_lanes<1, 2 * distance>(both, fold);
  } else {
    const bool upper = (threadIdx.x & distance) != 0;
    double half[Q / 2];
#pragma unroll
    for (int q = 0; q < Q / 2; ++q) {
      const double sent = upper ? value[q] : value[q + Q / 2];
      const double kept = upper ? value[q + Q / 2] : value[q];
      half[q] = fold(kept, __shfl_xor_sync(all_lanes, sent, distance));
    }
    return fold_eight_lanes<Q / 2, 2 * distance>(half, fold);
  }
}

template <int Q>
__device__ inline int point_of_lane(int lane) {
  int point = 0;
  for (int half = Q / 2, distance = 1; half > 0; half /= 2, distance *= 2)
    point += (lane & distance) != 0 ? half : 0;
  return point;
}

/// Of a product of factors 1 + a and 1 + b: 1 + what this returns.
struct ExcessOfProduct {
  __device__ double operator()(double a, double b) const { return fma(a, b, a + b); }
};

/// The steps of points_kernel, for groups of G points of which a thread has Q at one row.
template <class T, int G, int Q>
struct PointsBlock {
  static constexpr int rows = threads_per_block * Q / G;
  static constexpr int stride = rows + points_padding;  // of the columns of A
  static constexpr int quads = G / 4;

  const Terms<T>& terms;
  const PackedPoints& points;
  const PointsLayout& layout;
  double* shared;

  [[nodiscard]] __device__ static int thread() { return static_cast<int>(threadIdx.x); }
  // A thread's row of the tile, and the first of its points, while it looks at rows.
  [[nodiscard]] __device__ static int row() { return thread() % rows; }
  [[nodiscard]] __device__ static int first_point() { return thread() / rows * Q; }

  __device__ void begin() const {
    for (int i = thread(); i < rows; i += threads_per_block) column(layout.columns - 1)[i] = 1;
  }

  // Rows [first, end) of X; zeros after them.
  __device__ void load_rows(std::int64_t first, std::int64_t end) const {
    constexpr int vector = rows_of_a_vector<T>;
    constexpr int vectors = rows / vector;
#pragma unroll 2
    for (int i = thread(); i < (layout.columns - 1) * vectors; i += threads_per_block) {
      const int c = i / vectors;
      const int at = i % vectors * vector;
      T value[vector] = {};
      if (first + at < end) load_vector(terms.slab.x + c * terms.slab.stride + first + at, value);
      for (int k = 0; k < vector; k += 2)
        store_pair(column(c) + at + k, static_cast<double>(value[k]),
                   static_cast<double>(value[k + 1]));
    }
  }

  // Columns [first, first + count) of a group's v.
  __device__ void load_v(int group, int first, int count) const {
    const double* const from = points.v + (std::int64_t{group} * layout.columns + first) * G;
    for (int i = 2 * thread(); i < count * G; i += 2 * threads_per_block) {
      double pair[2];
      load_vector(from + i, pair);
      store_pair(shared + i, pair[0], pair[1]);
    }
  }

  __device__ void load_slots(int group) const {
    if (thread() < G) slots()[thread()] = points.slots[group * G + thread()];
  }

  // z of a row: its columns in order, the intercept last.
  __device__ void add_to_z(int first, int count, double (&z)[Q]) const {
    const double* const x = column(first) + row();
    const double* const v = shared + first_point();
#pragma unroll 2
    for (int c = 0; c < count; ++c) {
      const double a = x[c * stride];
#pragma unroll
      for (int q = 0; q < Q; q += Q < 2 ? 1 : 2) {
        if constexpr (Q == 1) {
          z[q] = fma(a, v[c * G], z[q]);
        } else {
          double pair[2];
          load_vector(v + c * G + q, pair);
          z[q] = fma(a, pair[0], z[q]);
          z[q + 1] = fma(a, pair[1], z[q + 1]);
        }
      }
    }
  }

  // Losses of 8 neighbouring rows are put together as linear + log1p(excess), where 1 + excess is
  // the product of the rows' 1 + e^-|margin|: one logarithm for 8 rows. Weights need one a row.
  template <bool weighted>
  __device__ void look_at_row(const RowTargets& of_row, const double (&z)[Q]) const {
    double linear[Q];
    double excess[Q];
#pragma unroll
    for (int q = 0; q < Q; ++q) {
      const Target target = target_of(of_row, slots()[first_point() + q]);
      const double margin = margin_of(z[q], target);
      const double e = exp(-fabs(margin));
      residuals(row())[first_point() + q] = residual_of(margin, e, target);
      linear[q] = margin < 0 ? -margin : 0.0;
      if constexpr (weighted)
        linear[q] = target.weight * (linear[q] + log1p(e));
      else
        excess[q] = target.weight > 0 ? e : 0.0;
    }
    double loss = fold_eight_lanes(linear, Sum{});
    if constexpr (!weighted) loss += log1p(fold_eight_lanes(excess, ExcessOfProduct{}));
    put_loss(loss);
  }

  // In the place of look_at_row() where a warp's points are none.
  __device__ void pass_over_row() const {
    for (int q = 0; q < Q; ++q) residuals(row())[first_point() + q] = 0;
    put_loss(0);
  }

  // To the block's sums of all earlier tiles, if there are any, in global memory: a thread has
  // four points of one or more pairs of columns, the same ones in every tile, and goes through the
  // rows.
  __device__ void add_to_sums(int group, int used, std::int64_t partial, bool is_first) const {
    const int pairs = (layout.columns + 1) / 2;
    for (int i = thread(); i < pairs * quads; i += threads_per_block) {
      const int near = i % quads * 2;  // and the next, and the two half a group further
      if (near >= used) continue;
      const int c = i / quads * 2;
      const bool second = c + 1 < layout.columns;
      double sum[2][4] = {};
      if (!is_first) {
        load_sums(group, near, 1 + c, partial, sum[0]);
        if (second) load_sums(group, near, 2 + c, partial, sum[1]);
      }
      add_rows(column(c), column(second ? c + 1 : c), residuals(0) + near, sum);
      store_sums(group, near, 1 + c, partial, sum[0]);
      if (second) store_sums(group, near, 2 + c, partial, sum[1]);
    }
    const int point = threads_per_block - 1 - thread();
    if (point >= used) return;
    double& loss = terms.partial_sum(group * G + point, 0, partial);
    double sum = is_first ? 0.0 : loss;
    for (int i = 0; i < rows / 8; ++i) sum += shared[layout.losses + i * G + point];
    loss = sum;
  }

 private:
  [[nodiscard]] __device__ Slot* slots() const {
    return reinterpret_cast<Slot*>(shared + layout.slots);
  }
  [[nodiscard]] __device__ double* column(int c) const { return shared + layout.a + c * stride; }
  [[nodiscard]] __device__ double* residuals(int row) const {
    return shared + layout.residuals + row * (G + points_padding);
  }
  __device__ static void store_pair(double* to, double first, double second) {
    *reinterpret_cast<double2*>(to) = {first, second};
  }

  // Of several lanes with the same point the first.
  __device__ void put_loss(double loss) const {
    if ((thread() & (8 - Q)) == 0)
      shared[layout.losses + row() / 8 * G + first_point() + point_of_lane<Q>(thread())] = loss;
  }

  // Two rows of two columns at four points at a time: 6 loads of 16 bytes for 16 products.
  __device__ void add_rows(const double* a, const double* b, const double* residual,
                           double (&sum)[2][4]) const {
#pragma unroll 1
    for (int i = 0; i < rows; i += 2) {
      double of_a[2];
      double of_b[2];
      load_vector(a + i, of_a);
      load_vector(b + i, of_b);
#pragma unroll
      for (int k = 0; k < 2; ++k) {
        double near[2];
        double far[2];
        load_vector(residual + (i + k) * (G + points_padding), near);
        load_vector(residual + (i + k) * (G + points_padding) + G / 2, far);
#pragma unroll
        for (int p = 0; p < 2; ++p) {
          sum[0][p] = fma(of_a[k], near[p], sum[0][p]);
          sum[0][p + 2] = fma(of_a[k], far[p], sum[0][p + 2]);
          sum[1][p] = fma(of_b[k], near[p], sum[1][p]);
          sum[1][p + 2] = fma(of_b[k], far[p], sum[1][p + 2]);
        }
      }
    }
  }

  __device__ void load_sums(int group, int near, int entry, std::int64_t partial,
                            double (&sum)[4]) const {
    double pair[2];
    load_vector(&terms.partial_sum(group * G + near, entry, partial), pair);
    sum[0] = pair[0];
    sum[1] = pair[1];
    load_vector(&terms.partial_sum(group * G + near + G / 2, entry, partial), pair);
    sum[2] = pair[0];
    sum[3] = pair[1];
  }
  __device__ void store_sums(int group, int near, int entry, std::int64_t partial,
                             const double (&sum)[4]) const {
    store_pair(&terms.partial_sum(group * G + near, entry, partial), sum[0], sum[1]);
    store_pair(&terms.partial_sum(group * G + near + G / 2, entry, partial), sum[2], sum[3]);
  }
};

}  // namespace gradstep::cuda
