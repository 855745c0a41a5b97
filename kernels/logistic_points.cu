#include "kernels/logistic_points.cuh"

#include "kernels/cuda/compiler.cuh"

namespace gradstep::cuda {
namespace {

// The active points, packed: a thread has a number of v. Points that fill up the last group are 0.
__global__ void __launch_bounds__(threads_per_block)
    pack_active_kernel(PassPoints points, const int* active, std::int64_t size, int group,
                       std::int64_t numbers, double* v, Slot* slots) {
  const std::int64_t i = grid_thread();
  if (i >= numbers) return;
  const std::int64_t index = i / (group * size) * group + i % group;
  const std::int64_t column = i / group % size;
  const int point = active[index];
  v[i] = point < 0 ? 0.0 : points.v[point * size + column];
  if (column == 0) slots[index] = point < 0 ? Slot{} : points.slots[point];
}

// A block makes one partial sum of all active points: a tile of rows stays in shared memory while
// the block goes through the groups of G points, so that each element of X is read once for all of
// them. For a group a thread has at first one row and Q points, then pairs of columns and four
// points over all rows of the tile: see PointsBlock. No atomics. z goes through the columns in
// their order, a gradient through the rows, a loss through eights of rows: bits do not depend on G,
// Q or the size of a tile. Loads of X: 128 bits, coalesced as far as a tile has rows. Shared:
// PointsLayout, up to 48 KB. Traffic of a row: 8 d (4 d) B; its class, fold and weight 256 / rows
// times. Of a tile and point 24 d B that L2 has: v, and the sums read and written, but for a
// partial sum's first tile. At 160 points and 64 rows a tile (d <= 48) that is 7.5 times X; the 4 d
// products, the exponential and the quotient of a row and point still take longer, on an H100 some
// 20 times as long as X. Weak where a tile has few rows, 16 from d = 130 on: v and the sums then
// outweigh the products.
template <class T, int G, int Q>
__global__ void __launch_bounds__(threads_per_block, 3)
    points_kernel(Terms<T> terms, PackedPoints points, PointsLayout layout) {
  const int used = min(*terms.active_count - terms.first_point, terms.batch);
  const std::int64_t partial = blockIdx.x;
  const std::int64_t begin = partial * terms.rows_of_a_partial;
  const std::int64_t end = min(begin + terms.rows_of_a_partial, terms.slab.rows);
  using Block = PointsBlock<T, G, Q>;
  const Block block{terms, points, layout, dynamic_shared<double>()};
  const int first_of_warp = static_cast<int>(threadIdx.x) / 32 * 32 / Block::rows * Q;
  if (used > 0) block.begin();
  for (std::int64_t first = begin; first < end && used > 0; first += Block::rows) {
    block.load_rows(first, end);
    RowTargets of_row{};  // of weight 0
    if (first + Block::row() < end)
      of_row = targets_of_row(terms.targets, terms.slab.first_row + first + Block::row());
    for (int group = 0; group * G < used; ++group) {
      const int used_of_group = min(used - group * G, G);
      const bool idle = first_of_warp >= used_of_group;
      double z[Q] = {};
      for (int c = 0; c < layout.columns; c += layout.v_columns) {
        const int count = min(layout.v_columns, layout.columns - c);
        if (c > 0) __syncthreads();  // nobody needs the columns before them any more
        block.load_v(terms.first_point / G + group, c, count);
        if (c == 0) block.load_slots(terms.first_point / G + group);
        __syncthreads();  // v is there, and so are the tile and the slots
        if (!idle) block.add_to_z(c, count, z);
      }
      if (idle)
        block.pass_over_row();
      else if (terms.targets.weighted)
        block.template look_at_row<true>(of_row, z);
      else
        block.template look_at_row<false>(of_row, z);
      __syncthreads();  // residuals and losses are complete
      block.add_to_sums(group, used_of_group, partial, first == begin);
    }
    __syncthreads();  // nobody needs this tile any more
  }
}

// With as many rows a tile as fit.
template <int G, int Q, class T>
void launch_points(const Terms<T>& terms, const PackedPoints& points, cudaStream_t stream) {
  const PointsLayout layout = points_layout(terms.slab.columns, PointsBlock<T, G, Q>::rows, G);
  if constexpr (Q > 1)
    if (layout.size == 0) return launch_points<G, Q / 2>(terms, points, stream);
  const std::int64_t bytes = std::int64_t{layout.size} * static_cast<std::int64_t>(sizeof(double));
  launch({terms.partials, bytes}, stream, points_kernel<T, G, Q>, terms, points, layout);
}

constexpr int small_group = 8;

}  // namespace

int points_of_a_group(std::int64_t columns, int count) {
  for (const int group : {small_group, points_of_largest_group})
    if ((count <= group || group == points_of_largest_group) &&
        points_layout(columns, threads_per_block / group, group).size > 0)
      return group;
  return 0;
}

void queue_pack_points(const PassPoints& points, const int* active, std::int64_t columns,
                       const PackedPoints& packed, cudaStream_t stream) {
  const int group = points_of_a_group(columns, points.count);
  const std::int64_t numbers = pieces(points.count, group) * group * (columns + 1);
  launch({pieces(numbers, threads_per_block)}, stream, pack_active_kernel, points, active,
         columns + 1, group, numbers, packed.v, packed.slots);
}

template <class T>
void queue_points_terms(const Terms<T>& terms, const PackedPoints& points, cudaStream_t stream) {
  if (points_of_a_group(terms.slab.columns, terms.points.count) == small_group)
    launch_points<small_group, 4>(terms, points, stream);
  else
    launch_points<points_of_largest_group, 8>(terms, points, stream);
}

template void queue_points_terms(const Terms<double>&, const PackedPoints&, cudaStream_t);
template void queue_points_terms(const Terms<float>&, const PackedPoints&, cudaStream_t);

}  // namespace gradstep::cuda
