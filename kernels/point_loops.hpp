// The functions of TileSums for many points at once. Part of tile_loops.hpp, whose rule holds here
// too: no inline function of anyone else's.
#pragma once

#include "kernels/lanes.hpp"
#include "kernels/lanes_math.hpp"
#include "kernels/tile_sums.hpp"

namespace gradstep {
namespace {

// A lane is a point and a row a step, so sums need no adding up of lanes. As many rows, columns and
// groups at a time as sums fit the registers: 32 of them, or 16.
constexpr int groups_at_once = register_bytes == 64 ? 2 : 1;
constexpr int rows_at_once = register_bytes == 64 ? 8 : 4;
constexpr int columns_at_once = register_bytes == 64 ? 8 : 4;

// z of a few rows: row i's lie one group after the other.
template <int rows, int groups>
[[gnu::always_inline]] inline void point_products(const PointTile& tile, std::int64_t first,
                                                  const double* v, double* z) {
  const std::int64_t features = tile.size - 1;
  Lanes sums[rows][groups];
  for (int g = 0; g < groups; ++g) {
    const Lanes intercept = Lanes::load(v + (g * tile.size + features) * Lanes::count);
    for (int r = 0; r < rows; ++r) sums[r][g] = intercept;
  }
  for (std::int64_t c = 0; c < features; ++c) {
    const double* const x = tile.columns[c] + first;
    Lanes factor[groups];
    for (int g = 0; g < groups; ++g)
      factor[g] = Lanes::load(v + (g * tile.size + c) * Lanes::count);
    for (int r = 0; r < rows; ++r)
      for (int g = 0; g < groups; ++g) sums[r][g] = fma(Lanes::of(x[r]), factor[g], sums[r][g]);
  }
  for (int r = 0; r < rows; ++r)
    for (int g = 0; g < groups; ++g)
      sums[r][g].store(z + ((first + r) * groups + g) * Lanes::count);
}

template <int groups>
void all_point_products(const PointTile& tile, const double* v, double* z) {
  for (std::int64_t i = 0; i < tile.rows; i += rows_at_once)
    point_products<rows_at_once, groups>(tile, i, v, z);
}

// The loss of some rows, point by point: log(product + rest) + linear, where the product has a
// factor of 1 + e^-|m| a row, what its roundings lose is in `rest`, and no logarithm a row is
// needed. At most 1023 rows, as 2^1024 is too much.
struct Losses {
  Lanes linear, product, rest;

  [[gnu::always_inline]] void add(const Lanes& margin, const Lanes& e) {
    const Lanes zero = Lanes::of(0);
    linear = linear + where_less(margin, zero, zero - margin, zero);
    const Lanes longer = fma(product, e, product);
    rest = fma(rest, e, rest) + fma(product, e, product - longer);
    product = longer;
  }

  [[gnu::always_inline]] void add(const Lanes& margin, const Lanes& e, const Lanes& weight) {
    const Lanes zero = Lanes::of(0);
    const Lanes loss = where_less(margin, zero, zero - margin, zero) + log1p_up_to_one(e);
    linear = fma(weight, loss, linear);
  }
};

// Residuals in the place of z; what they add up to is added to `sums`. See loss_and_residual().
template <int groups, bool weighted>
void point_residuals(const PointTile& tile, const double* const* signs, double* z, double* sums,
                     double* losses) {
  const Lanes zero = Lanes::of(0);
  const Lanes one = Lanes::of(1);
  Losses loss[groups];
  Lanes residuals[groups];
  for (int g = 0; g < groups; ++g) {
    loss[g] = {zero, one, zero};
    residuals[g] = zero;
  }
  for (std::int64_t i = 0; i < tile.rows; ++i)
    for (int g = 0; g < groups; ++g, z += Lanes::count) {
      const Lanes y = Lanes::of(signs[g][i]);
      const Lanes margin = y * Lanes::load(z);
      const Lanes e = exp_of_negative(where_less(margin, zero, margin, zero - margin));
      const Lanes wrong = where_less(margin, zero, one, e) / (one + e);
      Lanes residual = zero - y * wrong;
      if constexpr (weighted) {
        const Lanes weight = Lanes::of(tile.weight[i]);
        residual = weight * residual;
        loss[g].add(margin, e, weight);
      } else {
        loss[g].add(margin, e);
      }
      residual.store(z);
      residuals[g] = residuals[g] + residual;
    }
  for (int g = 0; g < groups; ++g) {
    double* const sum = sums + ((g + 1) * tile.size - 1) * Lanes::count;
    (Lanes::load(sum) + residuals[g]).store(sum);
    double* const out = losses + 3 * Lanes::count * g;
    loss[g].linear.store(out);
    loss[g].product.store(out + Lanes::count);
    loss[g].rest.store(out + 2 * Lanes::count);
  }
}

// sums(c, p) += a_c' r_p for `width` columns.
template <int width, int groups>
[[gnu::always_inline]] inline void add_point_columns(const PointTile& tile, std::int64_t first,
                                                     const double* residuals, double* sums) {
  const double* x[width];
  Lanes dots[width][groups];
  for (int c = 0; c < width; ++c) {
    x[c] = tile.columns[first + c];
    for (int g = 0; g < groups; ++g)
      dots[c][g] = Lanes::load(sums + (g * tile.size + first + c) * Lanes::count);
  }
  for (std::int64_t i = 0; i < tile.rows; ++i) {
    Lanes r[groups];
    for (int g = 0; g < groups; ++g, residuals += Lanes::count) r[g] = Lanes::load(residuals);
    for (int c = 0; c < width; ++c)
      for (int g = 0; g < groups; ++g) dots[c][g] = fma(Lanes::of(x[c][i]), r[g], dots[c][g]);
  }
  for (int c = 0; c < width; ++c)
    for (int g = 0; g < groups; ++g)
      dots[c][g].store(sums + (g * tile.size + first + c) * Lanes::count);
}

template <int width, int groups>
void add_all_point_columns(const PointTile& tile, std::int64_t first, const double* residuals,
                           double* sums) {
  for (; first + width < tile.size; first += width)
    add_point_columns<width, groups>(tile, first, residuals, sums);
  if constexpr (width > 1) add_all_point_columns<width / 2, groups>(tile, first, residuals, sums);
}

template <int groups>
void add_point_groups(const PointTile& tile, const double* const* signs, const double* v, double* z,
                      double* sums, double* losses) {
  all_point_products<groups>(tile, v, z);
  if (tile.weight != nullptr)
    point_residuals<groups, true>(tile, signs, z, sums, losses);
  else
    point_residuals<groups, false>(tile, signs, z, sums, losses);
  add_all_point_columns<columns_at_once, groups>(tile, 0, z, sums);
}

void add_point_sums(const PointTile& tile, const double* const* signs, const double* v,
                    std::int64_t groups, double* z, double* sums, double* losses) {
  const std::int64_t doubles = tile.size * Lanes::count;
  std::int64_t g = 0;
  for (; g + groups_at_once <= groups; g += groups_at_once)
    add_point_groups<groups_at_once>(tile, signs + g, v + g * doubles, z, sums + g * doubles,
                                     losses + g * 3 * Lanes::count);
  if (g < groups)
    add_point_groups<1>(tile, signs + g, v + g * doubles, z, sums + g * doubles,
                        losses + g * 3 * Lanes::count);
}

void point_scores(const PointTile& tile, const double* signs, const double* v, double* z,
                  double* scores) {
  const Lanes zero = Lanes::of(0);
  const Lanes half = Lanes::of(0.5);
  const Lanes one = Lanes::of(1);
  const Lanes least = Lanes::of(0x1p-52);
  const Lanes most = one - least;
  all_point_products<1>(tile, v, z);
  Lanes losses = Lanes::load(scores);
  Lanes right = Lanes::load(scores + Lanes::count);
  for (std::int64_t i = 0; i < tile.rows; ++i, z += Lanes::count) {
    const Lanes y = Lanes::of(signs[i]);
    const Lanes decision = Lanes::load(z);
    const Lanes e = exp_of_negative(where_less(decision, zero, decision, zero - decision));
    const Lanes p = where_less(decision, zero, e, one) / (one + e);
    // 1 - p has lost digits where p is close to 1: so it has in scikit-learn's predict_proba().
    const Lanes truth = where_less(zero, y, p, one - p);
    losses = losses -
             log_of_normal(where_less(truth, least, least, where_less(most, truth, most, truth)));
    const Lanes predicted = where_less(zero, decision, half, zero - half);
    right = right + fma(y, predicted, half);
  }
  losses.store(scores);
  right.store(scores + Lanes::count);
}

}  // namespace
}  // namespace gradstep
