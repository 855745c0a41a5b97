#pragma once

#include <cstdint>

namespace gradstep {

/// Rows for the sums at many points. Columns and z must be readable and writable up to a multiple
/// of 8 rows; what lies there has no say.
struct PointTile {
  const double* const* columns;  ///< of the d features: no column of ones is needed
  std::int64_t size;             ///< d + 1
  std::int64_t rows;             ///< up to most_rows
  const double* weight;          ///< one a row; null: all 1

  static constexpr std::int64_t most_rows = 1000;
};

/// The arithmetic of the solvers' sums on the CPU, on one tile of rows at a time: plain loops over
/// arrays, built for several instruction sets, with the same bits for all. Internal to kernels/.
///
/// A tile is `rows` rows of A = [X 1], a multiple of 8, as `columns`: size pointers to `rows`
/// doubles each, the last to ones (and zeros where a tile is filled up). No alignment is asked for.
struct TileSums {
  /// z = A v for `points` vectors v. @param v  size numbers a point  @param z  out, rows a point
  void (*products)(const double* const* columns, std::int64_t size, std::int64_t rows,
                   const double* v, std::int64_t points, double* z);

  /// sum weight_i log(1 + e^-m_i), m_i = sign_i z_i, and its derivative by each z_i. Where the
  /// weight is 0, z may be anything.
  double (*loss_and_residual)(std::int64_t rows, const double* sign, const double* weight,
                              const double* z, double* residual);

  /// The weight of each row in the Hessian, sqrt(weight_i p_i (1 - p_i)), the root taken.
  void (*root_curvature)(std::int64_t rows, const double* sign, const double* weight,
                         const double* z, double* root);

  /// out = diag(factor) A, column by column without a gap.
  void (*scale_rows)(const double* const* columns, std::int64_t size, std::int64_t rows,
                     const double* factor, double* out);

  /// sums += A'R for `points` vectors r of `rows` numbers.
  /// @param sums  size numbers a point, from one to the next `stride`
  void (*add_gradients)(const double* const* columns, std::int64_t size, std::int64_t rows,
                        const double* residual, std::int64_t points, double* sums,
                        std::int64_t stride);

  /// The lower triangle of sums += A'A, size x size by columns.
  void (*add_gram)(const double* const* columns, std::int64_t size, std::int64_t rows,
                   double* sums);

  /// loss_and_residual() and add_gradients() for groups of eight points, each a lane.
  /// @param signs   one array a group: +1 or -1 for each row
  /// @param v       8 numbers a column, size columns a group, the intercept last
  /// @param z       scratch: 16 numbers a row
  /// @param sums    A'r is added: as v
  /// @param losses  out, 8 numbers `linear`, 8 `product`, 8 `rest` a group: a point's loss is
  ///                linear + log(product + rest), see Losses
  void (*add_point_sums)(const PointTile& tile, const double* const* signs, const double* v,
                         std::int64_t groups, double* z, double* sums, double* losses);

  /// What a group of eight points says about rows: z = A v, 8 numbers a row.
  /// @param scores  added: 8 sums of -log(p or, where the sign is negative, 1 - p), p = 1/(1+e^-z)
  ///                rounded and what the logarithm is taken of clipped to [2^-52, 1 - 2^-52]; and
  ///                8 counts of rows where z > 0 just if the sign is
  void (*point_scores)(const PointTile& tile, const double* signs, const double* v, double* z,
                       double* scores);
};

/// The functions for this CPU, chosen at the first call.
[[nodiscard]] const TileSums& tile_sums();

/// Those that every CPU of the build's baseline can run.
[[nodiscard]] const TileSums& baseline_tile_sums();

/// Those for x86-64-v4. Only where takes_avx512().
[[nodiscard]] const TileSums& avx512_tile_sums();
/// True when the CPU has x86-64-v4 and the baseline a fused multiply-add, without which its bits
/// are others.
[[nodiscard]] bool takes_avx512();

}  // namespace gradstep
