// The functions of TileSums. Included by one source an instruction set, each of which has its own:
// hence no inline function of anyone else's may be called here, since the linker would keep one for
// all sources.
#pragma once

#include "kernels/lanes.hpp"
#include "kernels/lanes_math.hpp"
#include "kernels/point_loops.hpp"
#include "kernels/tile_sums.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t lanes = Lanes::count;
using Columns = const double* const*;

// z += A v over `width` columns: several at a time, so that z is not read and written for each.
template <int width>
void add_columns(Columns columns, std::int64_t rows, const double* v, double* z) {
  Lanes factor[width];
  for (int c = 0; c < width; ++c) factor[c] = Lanes::of(v[c]);
  for (std::int64_t i = 0; i < rows; i += lanes) {
    Lanes sum = Lanes::load(z + i);
    for (int c = 0; c < width; ++c) sum = fma(Lanes::load(columns[c] + i), factor[c], sum);
    sum.store(z + i);
  }
}

// All columns, `width` at a time, and half as many at a time where fewer are left.
template <int width>
void add_all_columns(Columns columns, std::int64_t count, std::int64_t rows, const double* v,
                     double* z) {
  std::int64_t c = 0;
  for (; c + width <= count; c += width) add_columns<width>(columns + c, rows, v + c, z);
  if constexpr (width > 1) add_all_columns<width / 2>(columns + c, count - c, rows, v + c, z);
}

void product(Columns columns, std::int64_t size, std::int64_t rows, const double* v, double* z) {
  for (std::int64_t i = 0; i < rows; i += lanes) Lanes::of(0).store(z + i);
  add_all_columns<8>(columns, size, rows, v, z);
}

// `points` products at once: the tile comes once from the cache for them.
template <int points>
void products_together(Columns columns, std::int64_t size, std::int64_t rows, const double* v,
                       double* z) {
  for (std::int64_t i = 0; i < rows; i += lanes) {
    Lanes sums[points];
    for (Lanes& sum : sums) sum = Lanes::of(0);
    for (std::int64_t c = 0; c < size; ++c) {
      const Lanes x = Lanes::load(columns[c] + i);
      for (int p = 0; p < points; ++p) sums[p] = fma(x, Lanes::of(v[p * size + c]), sums[p]);
    }
    for (int p = 0; p < points; ++p) sums[p].store(z + p * rows + i);
  }
}

void products(Columns columns, std::int64_t size, std::int64_t rows, const double* v,
              std::int64_t points, double* z) {
  constexpr int together = 4;
  std::int64_t p = 0;
  for (; p + together <= points; p += together)
    products_together<together>(columns, size, rows, v + p * size, z + p * rows);
  for (; p < points; ++p) product(columns, size, rows, v + p * size, z + p * rows);
}

struct Margins {
  Lanes margin;
  Lanes e;  // e^-|margin|
};

// A row that does not count may hold values that overflow z: 0 times infinity is not 0.
[[gnu::always_inline]] inline Margins margins_of(const Lanes& sign, const Lanes& weight,
                                                 const Lanes& z) {
  const Lanes zero = Lanes::of(0);
  const Lanes margin = where_less(zero, weight, sign * z, zero);
  return {margin, exp_of_negative(where_less(margin, zero, margin, zero - margin))};
}

// The residual is taken from the margin and not as p - y, which would lose its digits where p is
// close to y.
double loss_and_residual(std::int64_t rows, const double* sign, const double* weight,
                         const double* z, double* residual) {
  const Lanes zero = Lanes::of(0);
  const Lanes one = Lanes::of(1);
  Lanes loss = zero;
  for (std::int64_t i = 0; i < rows; i += lanes) {
    const Lanes y = Lanes::load(sign + i);
    const Lanes w = Lanes::load(weight + i);
    const auto [margin, e] = margins_of(y, w, Lanes::load(z + i));
    const Lanes wrong = where_less(margin, zero, one, e) / (one + e);
    (zero - y * w * wrong).store(residual + i);
    loss = fma(w, where_less(margin, zero, zero - margin, zero) + log1p_up_to_one(e), loss);
  }
  return loss.sum();
}

// p (1 - p) = e / (1 + e)^2.
void root_curvature(std::int64_t rows, const double* sign, const double* weight, const double* z,
                    double* root) {
  for (std::int64_t i = 0; i < rows; i += lanes) {
    const Lanes w = Lanes::load(weight + i);
    const Lanes e = margins_of(Lanes::load(sign + i), w, Lanes::load(z + i)).e;
    (square_root(w * e) / (Lanes::of(1) + e)).store(root + i);
  }
}

void scale_rows(Columns columns, std::int64_t size, std::int64_t rows, const double* factor,
                double* out) {
  for (std::int64_t c = 0; c < size; ++c, out += rows)
    for (std::int64_t i = 0; i < rows; i += lanes)
      (Lanes::load(factor + i) * Lanes::load(columns[c] + i)).store(out + i);
}

// sums(j, k) += a_k' b_j for `left` columns a and `right` columns b; sums by columns of b's. The
// parts of the lanes one after the other, so that left * right sums fit the registers.
template <int left, int right>
[[gnu::always_inline]] inline void add_dots(Columns a, Columns b, std::int64_t rows, double* sums,
                                            std::int64_t stride) {
  Lanes dots[left][right];
  for (int part = 0; part < Lanes::parts; ++part) {
    Lanes::Part dot[left][right] = {};
    for (std::int64_t i = part * Lanes::per_part; i < rows; i += lanes) {
      Lanes::Part x[left];
      for (int k = 0; k < left; ++k) x[k] = Lanes::load_part(a[k] + i);
      for (int j = 0; j < right; ++j) {
        const Lanes::Part y = Lanes::load_part(b[j] + i);
        for (int k = 0; k < left; ++k) dot[k][j] = fma(x[k], y, dot[k][j]);
      }
    }
    for (int k = 0; k < left; ++k)
      for (int j = 0; j < right; ++j) dots[k][j].part[part] = dot[k][j];
  }
  for (int k = 0; k < left; ++k)
    for (int j = 0; j < right; ++j) sums[k * stride + j] += dots[k][j].sum();
}

// All of b's columns, `right` at a time and then half as many, against `left` of a's.
template <int left, int right>
void add_dots_of_all(Columns a, Columns b, std::int64_t columns_of_b, std::int64_t rows,
                     double* sums, std::int64_t stride) {
  std::int64_t j = 0;
  for (; j + right <= columns_of_b; j += right)
    add_dots<left, right>(a, b + j, rows, sums + j, stride);
  if constexpr (right > 1)
    add_dots_of_all<left, right / 2>(a, b + j, columns_of_b - j, rows, sums + j, stride);
}

void add_gradients(Columns columns, std::int64_t size, std::int64_t rows, const double* residual,
                   std::int64_t points, double* sums, std::int64_t stride) {
  constexpr int together = 4;
  constexpr int at_once = 8;
  const double* r[together];
  std::int64_t p = 0;
  for (; p + together <= points; p += together, sums += together * stride) {
    for (int k = 0; k < together; ++k) r[k] = residual + (p + k) * rows;
    add_dots_of_all<together, at_once / together>(r, columns, size, rows, sums, stride);
  }
  for (; p < points; ++p, sums += stride) {
    r[0] = residual + p * rows;
    add_dots_of_all<1, at_once>(r, columns, size, rows, sums, stride);
  }
}

// A strip of a few columns against all from there on: it stays in the first cache for them. What a
// strip writes above the diagonal means nothing.
template <int strip, int at_once>
void add_strips(Columns columns, std::int64_t size, std::int64_t rows, double* sums,
                std::int64_t stride) {
  std::int64_t k = 0;
  for (; k + strip <= size; k += strip)
    add_dots_of_all<strip, at_once>(columns + k, columns + k, size - k, rows, sums + k * stride + k,
                                    stride);
  if constexpr (strip > 1)
    add_strips<strip / 2, at_once>(columns + k, size - k, rows, sums + k * stride + k, stride);
}

void add_gram(Columns columns, std::int64_t size, std::int64_t rows, double* sums) {
  // As many sums at once as the registers hold beside their factors: 32 of them, or 16.
  if constexpr (register_bytes == 64)
    add_strips<6, 4>(columns, size, rows, sums, size);
  else
    add_strips<4, 3>(columns, size, rows, sums, size);
}

constexpr TileSums tile_loops{products,      loss_and_residual, root_curvature, scale_rows,
                              add_gradients, add_gram,          add_point_sums, point_scores};

}  // namespace
}  // namespace gradstep
