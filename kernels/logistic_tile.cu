#include <algorithm>
#include <bit>

#include "kernels/cuda/compiler.cuh"
#include "kernels/logistic_kernels.cuh"

namespace gradstep::cuda {
namespace {

// What a block keeps in dynamic shared memory: places of doubles. A = [X 1] has d+1 columns.
struct TileLayout {
  int columns;  // d+1
  int rows_log2;
  int losses;     // [row]; v, [column], comes first
  int residuals;  // [row]
  int z;          // [share][row]: what some of the columns give
  int a;          // [column][row], columns stride() apart
  int sums;       // [entry]
  int size;

  [[nodiscard]] __device__ int rows() const { return 1 << rows_log2; }
  // Odd, so that neither threads on neighbouring rows nor on neighbouring columns share a bank.
  [[nodiscard]] __device__ int stride() const { return rows() + 1; }
};

TileLayout layout_of(std::int64_t columns, std::int64_t rows) {
  TileLayout tile{};
  tile.columns = static_cast<int>(columns) + 1;
  tile.rows_log2 = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(rows))) - 1;
  tile.losses = tile.columns;
  tile.residuals = tile.losses + static_cast<int>(rows);
  tile.z = tile.residuals + static_cast<int>(rows);
  tile.a = tile.z + threads_per_block;
  tile.sums = tile.a + tile.columns * (static_cast<int>(rows) + 1) - 1;
  tile.size = tile.sums + tile.columns + 1;
  return tile;
}

// The steps of tile_kernel, between which are barriers.
template <class T>
struct TileBlock {
  const Terms<T>& terms;
  const TileLayout& tile;
  double* shared;
  const Slot& slot;

  // v, ones for the intercept and for the loss, and no sums yet.
  __device__ void begin(int point) const {
    for (int c = thread(); c < tile.columns; c += threads_per_block)
      shared[c] = terms.points.v[std::int64_t{point} * tile.columns + c];
    for (int row = thread(); row < tile.rows(); row += threads_per_block)
      column(tile.columns - 1)[row] = 1;
    for (int entry = thread(); entry < entries(); entry += threads_per_block) sums()[entry] = 0;
  }

  // Rows [first, end) of X; zeros after them.
  __device__ void load(std::int64_t first, std::int64_t end) const {
    constexpr int vector = rows_of_a_vector<T>;
    const int vectors_log2 = tile.rows_log2 - (vector == 2 ? 1 : 2);
#pragma unroll 2
    for (int i = thread(); i < (tile.columns - 1) << vectors_log2; i += threads_per_block) {
      const int c = i >> vectors_log2;
      const int row = (i & ((1 << vectors_log2) - 1)) * vector;
      T value[vector] = {};
      if (first + row < end) load_vector(terms.slab.x + c * terms.slab.stride + first + row, value);
      for (int k = 0; k < vector; ++k) column(c)[row + k] = value[k];
    }
  }

  // A thread has a row and its share of the columns: every so many-th.
  __device__ void add_up_shares_of_z() const {
    const int row = thread() & (tile.rows() - 1);
    const int share = thread() >> tile.rows_log2;
    double sum = 0;
    for (int c = share; c < tile.columns; c += shares()) sum = fma(column(c)[row], shared[c], sum);
    share_of_z(share, row) = sum;
  }

  // A thread has a row.
  __device__ void look_at_rows(std::int64_t first, std::int64_t end) const {
    const int row = thread();
    if (row >= tile.rows()) return;
    RowTerm term{};
    if (first + row < end) {
      double z = 0;
      for (int share = 0; share < shares(); ++share) z += share_of_z(share, row);
      const std::int64_t at = terms.slab.first_row + first + row;
      term = term_of(z, target_of(terms.targets, slot, at));
    }
    shared[tile.losses + row] = term.loss;
    shared[tile.residuals + row] = term.residual;
  }

  // A thread has an entry of the sums, over all rows: the same one in every tile.
  __device__ void add_to_sums() const {
    for (int entry = thread(); entry < entries(); entry += threads_per_block) {
      const double* const a = column(entry == 0 ? tile.columns - 1 : entry - 1);  // 0: the loss
      const double* const factors = shared + (entry == 0 ? tile.losses : tile.residuals);
      double sum = sums()[entry];
#pragma unroll 2
      for (int row = 0; row < tile.rows(); ++row) sum = fma(a[row], factors[row], sum);
      sums()[entry] = sum;
    }
  }

  __device__ void write(int index, std::int64_t partial) const {
    for (int entry = thread(); entry < entries(); entry += threads_per_block)
      terms.partial_sum(index, entry, partial) = sums()[entry];
  }

 private:
  [[nodiscard]] __device__ static int thread() { return static_cast<int>(threadIdx.x); }
  [[nodiscard]] __device__ int entries() const { return tile.columns + 1; }
  [[nodiscard]] __device__ double* sums() const { return shared + tile.sums; }
  [[nodiscard]] __device__ int shares() const { return threads_per_block >> tile.rows_log2; }
  [[nodiscard]] __device__ double* column(int c) const {
    return shared + tile.a + c * tile.stride();
  }
  [[nodiscard]] __device__ double& share_of_z(int share, int row) const {
    return shared[tile.z + (share << tile.rows_log2) + row];
  }
};

// A block makes one partial sum of one point from tiles of rows in shared memory, widened to
// float64. What a thread does changes from step to step: see TileBlock. No shuffles, no atomics.
// Loads of X: 128 bits, coalesced as far as a tile has rows. Each element is read once a point.
// Shared: TileLayout, below 48 KB. Traffic of a row: 8 d (4 d) B; its class, fold and weight.
// Weak when a tile has few rows: the columns of a warp are then scattered.
template <class T>
__global__ void __launch_bounds__(threads_per_block) tile_kernel(Terms<T> terms, TileLayout tile) {
  // Neighbours have the same rows, which the second one finds in L2.
  const int index = static_cast<int>(blockIdx.x) % terms.batch;
  const std::int64_t partial = blockIdx.x / static_cast<unsigned>(terms.batch);
  const int point = terms.point_at(index);
  if (point < 0) return;                         // the whole block
  const Slot& slot = terms.points.slots[point];  // read a row: five registers fewer

  const TileBlock<T> block{terms, tile, dynamic_shared<double>(), slot};
  block.begin(point);
  const std::int64_t begin = partial * terms.rows_of_a_partial;
  const std::int64_t end = min(begin + terms.rows_of_a_partial, terms.slab.rows);
  for (std::int64_t first = begin; first < end; first += tile.rows()) {
    block.load(first, end);
    __syncthreads();  // the tile is complete; so is v
    block.add_up_shares_of_z();
    __syncthreads();  // all shares are there
    block.look_at_rows(first, end);
    __syncthreads();  // losses and residuals are complete
    block.add_to_sums();
    __syncthreads();  // nobody needs this tile any more
  }
  block.write(index, partial);
}

std::int64_t shared_bytes(const TileLayout& tile) {
  return static_cast<std::int64_t>(sizeof(double)) * tile.size;
}

}  // namespace

std::int64_t rows_of_a_tile(std::int64_t columns) {
  // 32 KB let two blocks run on the smallest device; more is taken rather than very few rows.
  constexpr std::int64_t half = 32 << 10;
  constexpr std::int64_t most = shared_memory_of_block;
  if (columns >= most / static_cast<std::int64_t>(sizeof(double))) return 0;
  const auto fits = [&](std::int64_t rows, std::int64_t bytes) {
    return shared_bytes(layout_of(columns, rows)) <= bytes;
  };
  for (std::int64_t rows = threads_per_block; rows >= 16; rows /= 2)
    if (fits(rows, half)) return rows;
  for (std::int64_t rows = 16; rows >= 4; rows /= 2)
    if (fits(rows, most)) return rows;
  return 0;
}

template <class T>
void queue_tile_terms(const Terms<T>& terms, cudaStream_t stream) {
  const TileLayout tile = layout_of(terms.slab.columns, rows_of_a_tile(terms.slab.columns));
  launch({terms.partials * terms.batch, shared_bytes(tile)}, stream, tile_kernel<T>, terms, tile);
}

template void queue_tile_terms(const Terms<double>&, cudaStream_t);
template void queue_tile_terms(const Terms<float>&, cudaStream_t);

}  // namespace gradstep::cuda
