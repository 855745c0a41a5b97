#include "kernels/logistic_pass.cuh"

#include "kernels/cuda/block_reduce.cuh"
#include "kernels/logistic_kernels.cuh"

namespace gradstep::cuda {
namespace {

constexpr int points_together = 8;
constexpr std::int64_t most_bytes_of_partial_sums = 64 << 20;

// The numbers of the active slots, in order, then -1 up to a multiple of 8. One block, of which one
// warp works: 32 slots at a time.
__global__ void __launch_bounds__(threads_per_block)
    list_active_kernel(const Slot* slots, int count, int* active) {
  const int lane = static_cast<int>(threadIdx.x);
  if (lane >= 32) return;
  int found = 0;
  for (int first = 0; first < count; first += 32) {
    const bool mine = first + lane < count && slots[first + lane].active != 0;
    const unsigned which = __ballot_sync(all_lanes, mine);
    if (mine) active[found + __popc(which & ((1u << lane) - 1))] = first + lane;
    found += __popc(which);
  }
  const int end = (count + points_together - 1) / points_together * points_together;
  for (int i = found + lane; i < end; i += 32) active[i] = -1;
}

// Adds up partial sums: partial i of the data goes to lane i % 32, in order; when the last one is
// there, the lanes are added up. Between slabs the lanes' sums are kept in `running`.
// A warp has one entry of one point. Traffic: each partial sum is read once, coalesced.
template <class T>
__global__ void __launch_bounds__(threads_per_block)
    add_partials_kernel(Terms<T> terms, std::int64_t first_partial, double* running, bool is_first,
                        bool is_last) {
  const std::int64_t entries = terms.slab.columns + 2;
  const std::int64_t warp = grid_thread() / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  if (warp >= terms.batch * entries) return;
  const int index = static_cast<int>(warp / entries);
  const std::int64_t entry = warp % entries;
  const int point = terms.point_at(index);
  if (point < 0) return;
  double* const kept = running + (terms.first_point * entries + warp) * 32 + lane;
  double sum = is_first ? 0.0 : *kept;
  for (std::int64_t i = (lane + 32 - first_partial % 32) % 32; i < terms.partials; i += 32)
    sum += terms.partial_sum(index, entry, i);
  if (!is_last) {
    *kept = sum;
    return;
  }
  sum = warp_reduce(sum, Sum{});
  if (lane == 0) terms.points.sums[point * entries + entry] = sum;
}

enum class Kernel { narrow, tile, wide };

// The kernel for `count` points, and how many points it takes together.
struct Choice {
  Kernel kernel;
  int points;
};

Choice choose(std::int64_t columns, int count) {
  if (count == 1 && columns <= most_columns_in_registers) return {Kernel::narrow, 1};
  if (count > 1 && rows_of_a_tile(columns, points_together) > 0)
    return {Kernel::tile, points_together};
  return {rows_of_a_tile(columns, 1) > 0 ? Kernel::tile : Kernel::wide, 1};
}

}  // namespace

LogisticPass::Sizes LogisticPass::sizes_of(std::int64_t rows, std::int64_t columns,
                                           std::int64_t rows_of_a_slab, int most_points) {
  Sizes sizes{};
  const std::int64_t most_rows = std::min(rows, rows_of_a_slab);
  sizes.partials = pieces(most_rows, rows_of_a_partial(rows));
  const int all = static_cast<int>(pieces(most_points, points_together)) * points_together;
  const std::int64_t bytes_of_eight =
      std::max<std::int64_t>(sizes.partials, 1) * (columns + 2) * points_together * 8;
  const std::int64_t fit = most_bytes_of_partial_sums / bytes_of_eight * points_together;
  sizes.batch =
      most_points == 1 ? 1 : static_cast<int>(std::clamp<std::int64_t>(fit, points_together, all));
  sizes.running = rows_of_a_slab < rows ? all * (columns + 2) * 32 : 0;
  sizes.residuals = rows_of_a_tile(columns, 1) == 0 ? most_rows : 0;
  return sizes;
}

std::int64_t LogisticPass::bytes(std::int64_t rows, std::int64_t columns, int most_points) {
  const Sizes whole = sizes_of(rows, columns, rows, most_points);
  const Sizes cut = sizes_of(rows, columns, RowBlocks::rows_per_block, most_points);
  return 8 * (whole.batch * (columns + 2) * whole.partials + cut.running + whole.residuals);
}

LogisticPass::LogisticPass(std::int64_t rows, std::int64_t columns, std::int64_t rows_of_a_slab,
                           int most_points, cudaStream_t stream)
    : rows_(rows),
      columns_(columns),
      most_points_(most_points),
      stream_(stream),
      sizes_(sizes_of(rows, columns, rows_of_a_slab, most_points)),
      active_(pieces(most_points, points_together) * points_together, stream),
      partial_sums_(sizes_.batch * (columns + 2) * sizes_.partials, stream),
      running_(sizes_.running, stream),
      residuals_(sizes_.residuals, stream) {}

void LogisticPass::queue_begin(const PassPoints& points) const {
  expects(points.count >= 1 && points.count <= most_points_, "LogisticPass: too many points");
  if (points.count > 1)
    launch({1}, stream_, list_active_kernel, points.slots, points.count, active_.data());
}

template <class T>
void LogisticPass::queue_slab(const Slab<T>& slab, const Targets& targets,
                              const PassPoints& points) const {
  const Choice choice = choose(columns_, points.count);
  for (int first = 0; first < points.count; first += sizes_.batch) {
    const std::int64_t rows_of_one = rows_of_a_partial(rows_);
    const Terms<T> terms{.slab = slab,
                         .targets = targets,
                         .points = points,
                         .active = points.count > 1 ? active_.data() : nullptr,
                         .first_point = first,
                         .batch = std::min(sizes_.batch, points.count - first),
                         .rows_of_a_partial = rows_of_one,
                         .partials = pieces(slab.rows, rows_of_one),
                         .partial_sums = partial_sums_.data()};
    if (slab.rows > 0) {
      if (choice.kernel == Kernel::narrow) queue_narrow_terms(terms, stream_);
      if (choice.kernel == Kernel::tile) queue_tile_terms(terms, choice.points, stream_);
      if (choice.kernel == Kernel::wide) queue_wide_terms(terms, residuals_.data(), stream_);
    }
    const std::int64_t warps = terms.batch * (columns_ + 2);
    launch({pieces(warps, warps_per_block)}, stream_, add_partials_kernel<T>, terms,
           slab.first_row / rows_of_one, running_.data(), slab.first_row == 0,
           slab.first_row + slab.rows == rows_);
  }
}

template void LogisticPass::queue_slab(const Slab<double>&, const Targets&,
                                       const PassPoints&) const;
template void LogisticPass::queue_slab(const Slab<float>&, const Targets&, const PassPoints&) const;

}  // namespace gradstep::cuda
