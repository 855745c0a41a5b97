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
  int losses;     // [row][point]
  int residuals;  // [row][point]
  int z;          // [point][share][row]: what some of the columns give
  int a;          // [column][row], columns stride() apart
  int sums;       // [entry][point]
  int size;

  [[nodiscard]] __device__ int rows() const { return 1 << rows_log2; }
  // Odd, so that neither threads on neighbouring rows nor on neighbouring columns share a bank.
  [[nodiscard]] __device__ int stride() const { return rows() + 1; }
};

// v, [column][point], comes first. What is loaded 16 bytes at a time, all but z and A, begins at a
// multiple of that.
TileLayout layout_of(std::int64_t columns, int points, std::int64_t rows) {
  TileLayout tile{};
  tile.columns = static_cast<int>(columns) + 1;
  tile.rows_log2 = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(rows))) - 1;
  const int factors = static_cast<int>(rows) * points;
  tile.losses = tile.columns * points;
  tile.residuals = tile.losses + factors;
  tile.z = tile.residuals + factors;
  tile.a = tile.z + threads_per_block * std::min(points, 4);
  const int end_of_a = tile.a + tile.columns * (static_cast<int>(rows) + 1) - 1;
  tile.sums = (end_of_a + 1) / 2 * 2;
  tile.size = tile.sums + (tile.columns + 1) * points;
  return tile;
}

// P numbers from shared memory, the same ones for many threads; 4 of them by two loads.
__device__ inline void load_points(const double* from, double (&to)[1]) { to[0] = *from; }
__device__ inline void load_points(const double* from, double (&to)[4]) {
  double half[2];
  load_vector(from, half);
  to[0] = half[0];
  to[1] = half[1];
  load_vector(from + 2, half);
  to[2] = half[0];
  to[3] = half[1];
}

// The steps of tile_kernel, between which are barriers. Q: points that a thread takes together, so
// that it reads A from shared memory once for them.
template <class T, int P>
struct TileBlock {
  static constexpr int Q = P < 4 ? P : 4;
  static constexpr int quads = P / Q;

  const Terms<T>& terms;
  const TileLayout& tile;
  double* shared;
  const Slot* slots;

  // v of the points, ones for the intercept and for the loss, and no sums yet.
  __device__ void begin(int first_point) const {
    for (int i = thread(); i < tile.columns * P; i += threads_per_block) {
      const int point = terms.point_at(first_point + i % P);
      shared[i] = point < 0 ? 0.0 : terms.points.v[std::int64_t{point} * tile.columns + i / P];
    }
    for (int row = thread(); row < tile.rows(); row += threads_per_block)
      column(tile.columns - 1)[row] = 1;
    for (int i = thread(); i < pairs(); i += threads_per_block)
      for (int q = 0; q < Q; ++q) shared[tile.sums + i * Q + q] = 0;
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

  // A thread has a row, Q points and its share of the columns: every so many-th.
  __device__ void add_up_shares_of_z() const {
    const int row = thread() & (tile.rows() - 1);
    const int quad = (thread() >> tile.rows_log2) % quads;
    const int share = (thread() >> tile.rows_log2) / quads;
    double sum[Q] = {};
    for (int c = share; c < tile.columns; c += shares()) {
      double v[Q];
      load_points(shared + c * P + quad * Q, v);
      const double x = column(c)[row];
      for (int q = 0; q < Q; ++q) sum[q] = fma(x, v[q], sum[q]);
    }
    for (int q = 0; q < Q; ++q) share_of_z(quad * Q + q, share, row) = sum[q];
  }

  // A thread has a row and a point.
  __device__ void look_at_rows(std::int64_t first, std::int64_t end) const {
    for (int i = thread(); i < P << tile.rows_log2; i += threads_per_block) {
      const int row = i & (tile.rows() - 1);
      const int p = i >> tile.rows_log2;
      RowTerm term{};
      if (first + row < end && slots[p].active != 0) {
        double z = 0;
        for (int share = 0; share < shares(); ++share) z += share_of_z(p, share, row);
        const std::int64_t at = terms.slab.first_row + first + row;
        term = term_of(z, target_of(terms.targets, slots[p], at));
      }
      shared[tile.losses + row * P + p] = term.loss;
      shared[tile.residuals + row * P + p] = term.residual;
    }
  }

  // A thread has an entry of the sums and Q points, over all rows: the same one in every tile.
  __device__ void add_to_sums() const {
    for (int i = thread(); i < pairs(); i += threads_per_block) {
      const int entry = i / quads;  // 0: the loss
      const double* const a = column(entry == 0 ? tile.columns - 1 : entry - 1);
      const double* const factors =
          shared + (entry == 0 ? tile.losses : tile.residuals) + i % quads * Q;
      double* const sums = shared + tile.sums + i * Q;
      double sum[Q];
      load_points(sums, sum);
#pragma unroll 2
      for (int row = 0; row < tile.rows(); ++row) {
        double factor[Q];
        load_points(factors + row * P, factor);
        for (int q = 0; q < Q; ++q) sum[q] = fma(a[row], factor[q], sum[q]);
      }
      for (int q = 0; q < Q; ++q) sums[q] = sum[q];
    }
  }

  __device__ void write(int first_point, std::int64_t partial) const {
    for (int i = thread(); i < pairs(); i += threads_per_block)
      for (int q = 0; q < Q; ++q) {
        const int p = i % quads * Q + q;
        if (slots[p].active != 0)
          terms.partial_sum(first_point + p, i / quads, partial) = shared[tile.sums + i * Q + q];
      }
  }

 private:
  [[nodiscard]] __device__ static int thread() { return static_cast<int>(threadIdx.x); }
  [[nodiscard]] __device__ int pairs() const { return (tile.columns + 1) * quads; }
  [[nodiscard]] __device__ int shares() const {
    return threads_per_block / quads >> tile.rows_log2;
  }
  [[nodiscard]] __device__ double* column(int c) const {
    return shared + tile.a + c * tile.stride();
  }
  [[nodiscard]] __device__ double& share_of_z(int p, int share, int row) const {
    return shared[tile.z + ((p * shares() + share) << tile.rows_log2) + row];
  }
};

// A block makes one partial sum of P points from tiles of rows in shared memory, widened to
// float64. What a thread does changes from step to step: see TileBlock. No shuffles, no atomics.
// Loads of X: 128 bits, coalesced as far as a tile has rows. Each element is read once per P
// points. Shared: TileLayout, below 48 KB, and the slots. Traffic of a row: 8 d (4 d) B; its class,
// fold and weight once a point. Weak when a tile has few rows: the columns of a warp are then
// scattered.
template <class T, int P>
__global__ void __launch_bounds__(threads_per_block) tile_kernel(Terms<T> terms, TileLayout tile) {
  __shared__ Slot slots[P];
  const int groups = (terms.batch + P - 1) / P;
  // Neighbours have the same rows, which the second one finds in L2.
  const int first_point = static_cast<int>(blockIdx.x) % groups * P;
  const std::int64_t partial = blockIdx.x / static_cast<unsigned>(groups);
  if (terms.point_at(first_point) < 0) return;  // the whole block: none of its points is active
  if (threadIdx.x < P) {
    const int point = terms.point_at(first_point + static_cast<int>(threadIdx.x));
    slots[threadIdx.x] = point < 0 ? Slot{} : terms.points.slots[point];
  }

  const TileBlock<T, P> block{terms, tile, dynamic_shared<double>(), slots};
  block.begin(first_point);
  const std::int64_t begin = partial * terms.rows_of_a_partial;
  const std::int64_t end = min(begin + terms.rows_of_a_partial, terms.slab.rows);
  for (std::int64_t first = begin; first < end; first += tile.rows()) {
    block.load(first, end);
    __syncthreads();  // the tile is complete; so are v and the slots
    block.add_up_shares_of_z();
    __syncthreads();  // all shares are there
    block.look_at_rows(first, end);
    __syncthreads();  // losses and residuals are complete
    block.add_to_sums();
    __syncthreads();  // nobody needs this tile any more
  }
  block.write(first_point, partial);
}

std::int64_t shared_bytes(const TileLayout& tile) {
  return static_cast<std::int64_t>(sizeof(double)) * tile.size;
}

template <class T, int P>
void launch_tile(const Terms<T>& terms, cudaStream_t stream) {
  const TileLayout tile = layout_of(terms.slab.columns, P, rows_of_a_tile(terms.slab.columns, P));
  const std::int64_t blocks = terms.partials * pieces(terms.batch, P);
  launch({blocks, shared_bytes(tile)}, stream, tile_kernel<T, P>, terms, tile);
}

}  // namespace

std::int64_t rows_of_a_tile(std::int64_t columns, int points) {
  // 32 KB let two blocks run on the smallest device; more is taken rather than very few rows.
  constexpr std::int64_t slots = 256;  // lie beside it
  constexpr std::int64_t half = (32 << 10) - slots;
  constexpr std::int64_t most = shared_memory_of_block - slots;
  if (columns >= most / static_cast<std::int64_t>(sizeof(double))) return 0;
  const auto fits = [&](std::int64_t rows, std::int64_t bytes) {
    return shared_bytes(layout_of(columns, points, rows)) <= bytes;
  };
  for (std::int64_t rows = points == 1 ? 256 : 128; rows >= 16; rows /= 2)
    if (fits(rows, half)) return rows;
  for (std::int64_t rows = 16; rows >= 4; rows /= 2)
    if (fits(rows, most)) return rows;
  return 0;
}

template <class T>
void queue_tile_terms(const Terms<T>& terms, int points, cudaStream_t stream) {
  if (points == 1)
    launch_tile<T, 1>(terms, stream);
  else
    launch_tile<T, 8>(terms, stream);
}

template void queue_tile_terms(const Terms<double>&, int, cudaStream_t);
template void queue_tile_terms(const Terms<float>&, int, cudaStream_t);

}  // namespace gradstep::cuda
