#include "kernels/logistic.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/gram.hpp"
#include "kernels/logistic_many.hpp"
#include "kernels/tile.hpp"
#include "kernels/tile_sums.hpp"

namespace gradstep {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// What a model makes of a tile's rows: +1 or -1, and how much each counts (0: not at all).
struct Targets {
  AlignedDoubles sign;
  AlignedDoubles weight;
};

struct Scratch {
  Tile tile;
  Targets targets;
  AlignedDoubles z;         // tile rows by points
  AlignedDoubles residual;  // the same
  AlignedDoubles root;      // tile rows
  AlignedDoubles weighted;  // tile rows by d+1
  std::vector<const double*> weighted_columns;
  MatrixXd sums;  // the block's, one column a point
};

class CpuSums final : public LogisticSums {
 public:
  CpuSums(const LogisticProblem& problem, int threads)
      : problem_(problem),
        size_(problem.rows->cols() + 1),
        all_threads_(threads),
        threads_(problem.rows->useful_workers(threads)),
        slots_(problem.models) {}

  void gram(std::span<const std::int32_t> fold_of_row, std::span<const int> folds,
            std::span<double> sums) override {
    gram_by_fold(*problem_.rows, fold_of_row, problem_.row_weight, folds, sums, threads_,
                 Backend::cpu);
  }

  void loss_and_gradient(std::span<const LogisticPoint> points, std::span<double> sums) override {
    expect_room(points, size_ + 1, sums);
    const auto length = static_cast<std::size_t>(size_ + 1);
    while (!points.empty()) {
      const std::size_t count = ManyPoints::first_that_fit(problem_, slots_, points);
      losses_and_gradients(points.first(count), sums.first(count * length));
      points = points.subspan(count);
      sums = sums.subspan(count * length);
    }
  }

  void hessian(std::span<const LogisticPoint> points, std::span<double> sums) override {
    expect_room(points, size_ * size_, sums);
    if (const ManyPoints many(problem_, slots_, points, all_threads_); many.shared())
      return many.hessian(sums);
    sum_over_tiles(points, size_ * size_, sums,
                   [&](std::int64_t first_row, Index count, Scratch& at) {
                     for (std::size_t k = 0; k < points.size(); ++k) {
                       look_up_targets(points, k, first_row, count, at.targets);
                       add_curvature(static_cast<Index>(k), at);
                     }
                   });
    for (std::size_t k = 0; k < points.size(); ++k) {
      Eigen::Map<MatrixXd> matrix(sums.data() + k * static_cast<std::size_t>(size_ * size_), size_,
                                  size_);
      matrix.triangularView<Eigen::StrictlyUpper>() = matrix.transpose();
    }
  }

 private:
  void losses_and_gradients(std::span<const LogisticPoint> points, std::span<double> sums) {
    if (points.size() >= ManyPoints::fewest) {
      const ManyPoints many(problem_, slots_, points, all_threads_);
      if (many.fill_lanes()) return many.loss_and_gradient(sums);
    }
    sum_over_tiles(points, size_ + 1, sums, [&](std::int64_t first_row, Index count, Scratch& at) {
      const Tile& tile = at.tile;
      for (std::size_t k = 0; k < points.size(); ++k) {
        look_up_targets(points, k, first_row, count, at.targets);
        const Index offset = static_cast<Index>(k) * tile.rows();
        at.sums(0, static_cast<Index>(k)) += kernels_.loss_and_residual(
            tile.rows(), at.targets.sign.data(), at.targets.weight.data(), at.z.data() + offset,
            at.residual.data() + offset);
      }
      kernels_.add_gradients(tile.columns(), size_, tile.rows(), at.residual.data(),
                             std::ssize(points), at.sums.data() + 1, size_ + 1);
    });
  }

  static void expect_room(std::span<const LogisticPoint> points, Index length,
                          std::span<double> sums) {
    expects(std::ssize(sums) == std::ssize(points) * length, "logistic sums: room for every point");
  }

  // Calls visit(first row, rows, scratch) for each tile, with the tile loaded and z = A v for all
  // points; adds up scratch.sums, `length` numbers a point, over the blocks in their order.
  template <class Visit>
  void sum_over_tiles(std::span<const LogisticPoint> points, Index length, std::span<double> sums,
                      const Visit& visit) {
    const auto count = static_cast<Index>(points.size());
    expect_room(points, length, sums);
    MatrixXd v(size_, count);
    for (Index k = 0; k < count; ++k)
      v.col(k) = Eigen::Map<const Eigen::VectorXd>(points[static_cast<std::size_t>(k)].v, size_);
    std::vector<Scratch> scratch(static_cast<std::size_t>(threads_), blank(count, length));
    Eigen::Map<MatrixXd> total(sums.data(), length, count);
    total.setZero();
    problem_.rows->for_each(
        threads_,
        [&](const RowBlock& block, int worker) {
          Scratch& mine = scratch[static_cast<std::size_t>(worker)];
          mine.sums.setZero();
          mine.tile.for_each(block.rows, [&](std::int64_t first, std::int64_t tile_rows) {
            mine.tile.load(block, first, tile_rows);
            kernels_.products(mine.tile.columns(), size_, mine.tile.rows(), v.data(), count,
                              mine.z.data());
            visit(block.first_row + first, tile_rows, mine);
          });
        },
        [&](std::int64_t, int worker) { total += scratch[static_cast<std::size_t>(worker)].sums; });
  }

  [[nodiscard]] Scratch blank(Index points, Index length) const {
    const Tile tile(size_ - 1);
    const Index rows = tile.capacity();
    return {.tile = tile,
            .targets = {AlignedDoubles(rows), AlignedDoubles(rows)},
            .z = AlignedDoubles(rows * points),
            .residual = AlignedDoubles(rows * points),
            .root = AlignedDoubles(rows),
            .weighted = AlignedDoubles(rows * size_),
            .weighted_columns = std::vector<const double*>(static_cast<std::size_t>(size_)),
            .sums = MatrixXd(length, points)};
  }

  // Neighbouring points often belong to models that differ in reg only: looked up once for them.
  // Rows that fill up the tile do not count.
  void look_up_targets(std::span<const LogisticPoint> points, std::size_t k, std::int64_t first_row,
                       Index rows, Targets& targets) const {
    const Model& model = problem_.models[static_cast<std::size_t>(points[k].model)];
    if (k > 0) {
      const Model& previous = problem_.models[static_cast<std::size_t>(points[k - 1].model)];
      if (previous.held_out_fold == model.held_out_fold &&
          previous.positive_class == model.positive_class &&
          previous.class_weights == model.class_weights)
        return;
    }
    double* const sign = targets.sign.data();
    double* const weight = targets.weight.data();
    const std::int32_t* const classes = problem_.class_of_row.data() + first_row;
    for (Index i = 0; i < rows; ++i) sign[i] = classes[i] == model.positive_class ? 1.0 : -1.0;
    if (problem_.row_weight.empty())
      std::fill_n(weight, rows, 1.0);
    else
      std::copy_n(problem_.row_weight.data() + first_row, rows, weight);
    if (const TwoClassWeights& of_class = model.class_weights; of_class != TwoClassWeights{})
      for (Index i = 0; i < rows; ++i)
        weight[i] *= sign[i] > 0 ? of_class.positive : of_class.negative;
    for (Index i = rows; i % 8 != 0; ++i) sign[i] = weight[i] = 0;
    if (problem_.fold_of_row.empty()) return;
    const std::int32_t* const folds = problem_.fold_of_row.data() + first_row;
    for (Index i = 0; i < rows; ++i)
      weight[i] = folds[i] < 0 || folds[i] == model.held_out_fold ? 0.0 : weight[i];
  }

  void add_curvature(Index point, Scratch& at) const {
    const Tile& tile = at.tile;
    kernels_.root_curvature(tile.rows(), at.targets.sign.data(), at.targets.weight.data(),
                            at.z.data() + point * tile.rows(), at.root.data());
    kernels_.scale_rows(tile.columns(), size_, tile.rows(), at.root.data(), at.weighted.data());
    const double* column = at.weighted.data();
    for (const double*& weighted : at.weighted_columns) {
      weighted = column;
      column += tile.rows();
    }
    kernels_.add_gram(at.weighted_columns.data(), size_, tile.rows(), at.sums.col(point).data());
  }

  LogisticProblem problem_;
  Index size_;
  int all_threads_;
  int threads_;  // no more than there are blocks of rows
  FoldSlots slots_;
  const TileSums& kernels_ = tile_sums();
};

}  // namespace

std::unique_ptr<LogisticSums> logistic_sums(const LogisticProblem& problem, int threads,
                                            Backend backend, std::int64_t device_memory) {
  if (problem.rows == nullptr) throw InvalidArgument("logistic_sums: there must be rows");
  const std::int64_t n = problem.rows->rows();
  expects(std::ssize(problem.class_of_row) == n, "logistic_sums: one class per row");
  expects(problem.fold_of_row.empty() || std::ssize(problem.fold_of_row) == n,
          "logistic_sums: one fold per row");
  expects(problem.row_weight.empty() || std::ssize(problem.row_weight) == n,
          "logistic_sums: one weight per row");
  expects(!problem.models.empty(), "logistic_sums: at least one model");
  for (const Model& model : problem.models) {
    expects(model.reg > 0 && std::isfinite(model.reg), "logistic_sums: reg must be > 0 and finite");
    for (const double weight : {model.class_weights.negative, model.class_weights.positive})
      expects(weight >= 0 && std::isfinite(weight),
              "logistic_sums: the weights of classes must be >= 0 and finite");
  }
  expect_available(backend, "logistic regression");
  if (backend == Backend::cuda) return cuda::logistic_sums(problem, device_memory);
  return std::make_unique<CpuSums>(problem, threads);
}

}  // namespace gradstep
