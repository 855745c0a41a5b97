#include "kernels/logistic_pass.cuh"

#include <algorithm>
#include <bit>

#include "kernels/cuda/block_reduce.cuh"
#include "kernels/logistic_kernels.cuh"

namespace gradstep::cuda {
namespace {

constexpr std::int64_t most_bytes_of_partial_sums = 64 << 20;

// The numbers of the active slots, in order, then -1 up to `end`, then how many there are. One
// block, of which one warp works: 32 slots at a time.
__global__ void __launch_bounds__(threads_per_block)
    list_active_kernel(const Slot* slots, int count, int* active, int end) {
  const int lane = static_cast<int>(threadIdx.x);
  if (lane >= 32) return;
  int found = 0;
  for (int first = 0; first < count; first += 32) {
    const bool mine = first + lane < count && slots[first + lane].active != 0;
    const unsigned which = __ballot_sync(all_lanes, mine);
    if (mine) active[found + __popc(which & ((1u << lane) - 1))] = first + lane;
    found += __popc(which);
  }
  for (int i = found + lane; i < end; i += 32) active[i] = -1;
  if (lane == 0) active[end] = found;
}

// Adds up partial sums: partial i of the data goes to lane i % 32, in order; when the last one is
// there, the lanes are added up. Between slabs the lanes' sums are kept in `running`.
// A block has 32 numbers, entries of points, of each partial sum; a thread has 4 of one's lanes.
// Traffic: each partial sum is read once, coalesced.
template <class T>
__global__ void __launch_bounds__(threads_per_block)
    add_partials_kernel(Terms<T> terms, std::int64_t first_partial, double* running, bool is_first,
                        bool is_last) {
  __shared__ double sums[32][33];  // [number][lane]
  const std::int64_t numbers = (terms.slab.columns + 2) * terms.stride;
  const std::int64_t first_number = std::int64_t{blockIdx.x} * 32;
  const int column = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const auto point_of = [&](std::int64_t number) {
    const auto index = static_cast<int>(number % terms.stride);
    return number < numbers && index < terms.batch ? terms.point_at(index) : -1;
  };

  const std::int64_t number = first_number + column;
  if (point_of(number) >= 0) {
    double* const kept = running + (terms.first_point * (terms.slab.columns + 2) + number) * 32;
    const auto skip = static_cast<int>(32 - first_partial % 32);
    for (int lane = warp; lane < 32; lane += warps_per_block) {
      double sum = is_first ? 0.0 : kept[lane];
#pragma unroll 4
      for (std::int64_t i = (lane + skip) % 32; i < terms.partials; i += 32)
        sum += terms.partial_sums[i * numbers + number];
      if (is_last)
        sums[column][lane] = sum;
      else
        kept[lane] = sum;
    }
  }
  if (!is_last) return;
  __syncthreads();  // all lanes' sums are there
  for (int i = warp; i < 32; i += warps_per_block) {
    const int point = point_of(first_number + i);
    if (point < 0) continue;  // the whole warp
    const double sum = warp_reduce(sums[i][column], Sum{});
    const std::int64_t entry = (first_number + i) / terms.stride;
    if (column == 0) terms.points.sums[point * (terms.slab.columns + 2) + entry] = sum;
  }
}

enum class Kernel { narrow, points, tile, wide };

Kernel choose(std::int64_t columns, int count) {
  if (count == 1 && columns <= most_columns_in_registers) return Kernel::narrow;
  if (count > 1 && points_of_a_group(columns, count) > 0) return Kernel::points;
  return rows_of_a_tile(columns) > 0 ? Kernel::tile : Kernel::wide;
}

int whole_groups(int count, int group = points_of_largest_group) {
  return (count + group - 1) / group * group;
}

}  // namespace

std::int64_t rows_of_a_partial(std::int64_t rows, std::int64_t columns, bool one_point) {
  const auto power = [](std::int64_t wanted) {
    return static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(wanted)));
  };
  const std::int64_t for_many_blocks = power(rows / 1024);
  if (one_point) return std::clamp<std::int64_t>(for_many_blocks, 512, 4096);
  // So that the sums of 256 points, and what rounding up adds, have 64 MB, if there are that few
  // rows.
  constexpr std::int64_t points = 320;
  const std::int64_t fit =
      power(pieces(rows * points * (columns + 2) * 8, most_bytes_of_partial_sums));
  return std::clamp<std::int64_t>(std::max(for_many_blocks, fit), 64, 4096);
}

LogisticPass::Sizes LogisticPass::sizes_of(std::int64_t rows, std::int64_t columns,
                                           std::int64_t rows_of_a_slab, int most_points) {
  constexpr int group = points_of_largest_group;
  Sizes sizes{};
  const std::int64_t most_rows = std::min(rows, rows_of_a_slab);
  const auto sums_of = [&](int points) {
    return pieces(most_rows, rows_of_a_partial(rows, columns, points == 1)) * (columns + 2) *
           points;
  };
  sizes.points = most_points == 1 ? 1 : whole_groups(most_points);
  sizes.batch = 1;
  if (most_points > 1) {
    const std::int64_t most_bytes =
        std::max(most_bytes_of_partial_sums, most_rows * columns * 8 / 3);
    const std::int64_t fit = most_bytes / (8 * std::max<std::int64_t>(sums_of(group), 1)) * group;
    sizes.batch = static_cast<int>(std::clamp<std::int64_t>(fit, group, sizes.points));
    sizes.packed = sizes.points * (columns + 1);
  }
  sizes.sums = std::max(sums_of(sizes.batch), sums_of(1));
  sizes.running = rows_of_a_slab < rows ? sizes.points * (columns + 2) * 32 : 0;
  sizes.residuals = rows_of_a_tile(columns) == 0 ? most_rows : 0;
  return sizes;
}

std::int64_t LogisticPass::bytes(std::int64_t rows, std::int64_t columns, int most_points) {
  const Sizes whole = sizes_of(rows, columns, rows, most_points);
  const Sizes cut = sizes_of(rows, columns, RowBlocks::rows_per_block, most_points);
  return 8 * (whole.sums + cut.running + whole.residuals + whole.packed);
}

LogisticPass::LogisticPass(std::int64_t rows, std::int64_t columns, std::int64_t rows_of_a_slab,
                           int most_points, cudaStream_t stream)
    : rows_(rows),
      columns_(columns),
      most_points_(most_points),
      stream_(stream),
      sizes_(sizes_of(rows, columns, rows_of_a_slab, most_points)),
      active_(sizes_.points + 1, stream),
      packed_v_(sizes_.packed, stream),
      packed_slots_(sizes_.points, stream),
      partial_sums_(sizes_.sums, stream),
      running_(sizes_.running, stream),
      residuals_(sizes_.residuals, stream) {}

void LogisticPass::queue_begin(const PassPoints& points) const {
  expects(points.count >= 1 && points.count <= most_points_, "LogisticPass: too many points");
  if (points.count == 1) return;
  launch({1}, stream_, list_active_kernel, points.slots, points.count, active_.data(),
         sizes_.points);
  if (choose(columns_, points.count) == Kernel::points)
    queue_pack_points(points, active_.data(), columns_, packed_points(), stream_);
}

template <class T>
void LogisticPass::queue_slab(const Slab<T>& slab, const Targets& targets,
                              const PassPoints& points) const {
  const Kernel kernel = choose(columns_, points.count);
  const bool one = points.count == 1;
  const int group = kernel == Kernel::points ? points_of_a_group(columns_, points.count) : 1;
  const std::int64_t rows_of_one = rows_of_a_partial(rows_, columns_, one);
  for (int first = 0; first < points.count; first += sizes_.batch) {
    const int batch = std::min(sizes_.batch, points.count - first);
    const Terms<T> terms{.slab = slab,
                         .targets = targets,
                         .points = points,
                         .active = one ? nullptr : active_.data(),
                         .active_count = one ? nullptr : active_.data() + sizes_.points,
                         .first_point = first,
                         .batch = batch,
                         .stride = whole_groups(batch, group),
                         .rows_of_a_partial = rows_of_one,
                         .partials = pieces(slab.rows, rows_of_one),
                         .partial_sums = partial_sums_.data()};
    if (slab.rows > 0) {
      if (kernel == Kernel::narrow) queue_narrow_terms(terms, stream_);
      if (kernel == Kernel::points) queue_points_terms(terms, packed_points(), stream_);
      if (kernel == Kernel::tile) queue_tile_terms(terms, stream_);
      if (kernel == Kernel::wide) queue_wide_terms(terms, residuals_.data(), stream_);
    }
    launch({pieces(terms.stride * (columns_ + 2), 32)}, stream_, add_partials_kernel<T>, terms,
           slab.first_row / rows_of_one, running_.data(), slab.first_row == 0,
           slab.first_row + slab.rows == rows_);
  }
}

template void LogisticPass::queue_slab(const Slab<double>&, const Targets&,
                                       const PassPoints&) const;
template void LogisticPass::queue_slab(const Slab<float>&, const Targets&, const PassPoints&) const;

}  // namespace gradstep::cuda
