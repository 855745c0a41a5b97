#include "kernels/logistic.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/gram.hpp"
#include "kernels/tile.hpp"

namespace gradstep {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::Lower;
using Eigen::MatrixXd;

// What a model makes of a tile's rows: +1 or -1, and how much each counts (0: not at all).
struct Targets {
  ArrayXd sign;
  ArrayXd weight;
};

struct Scratch {
  Tile tile;
  Targets targets;
  MatrixXd z;         // tile rows by points
  MatrixXd residual;  // the same
  MatrixXd weighted;  // tile rows by d+1
  ArrayXd margin;
  ArrayXd e;      // exp(-|margin|)
  MatrixXd sums;  // the block's, one column a point
};

class CpuSums final : public LogisticSums {
 public:
  CpuSums(const LogisticProblem& problem, int threads)
      : problem_(problem),
        size_(problem.rows->cols() + 1),
        threads_(problem.rows->useful_workers(threads)) {}

  void gram(std::span<const int> folds, std::span<double> sums) override {
    gram_by_fold(*problem_.rows, problem_.fold_of_row, problem_.row_weight, folds, sums, threads_,
                 Backend::cpu);
  }

  void loss_and_gradient(std::span<const LogisticPoint> points, std::span<double> sums) override {
    sum_over_tiles(points, size_ + 1, sums, [&](std::int64_t first_row, Scratch& scratch) {
      const auto a = scratch.tile.a();
      for (std::size_t k = 0; k < points.size(); ++k) {
        look_up_targets(points, k, first_row, a.rows(), scratch);
        const auto column = static_cast<Index>(k);
        scratch.sums(0, column) += loss_and_residual(column, scratch);
      }
      scratch.sums.bottomRows(size_).noalias() +=
          a.transpose() * scratch.residual.topRows(a.rows());
    });
  }

  void hessian(std::span<const LogisticPoint> points, std::span<double> sums) override {
    sum_over_tiles(points, size_ * size_, sums, [&](std::int64_t first_row, Scratch& scratch) {
      const auto a = scratch.tile.a();
      for (std::size_t k = 0; k < points.size(); ++k) {
        look_up_targets(points, k, first_row, a.rows(), scratch);
        add_curvature(static_cast<Index>(k), scratch);
      }
    });
    for (std::size_t k = 0; k < points.size(); ++k) {
      Eigen::Map<MatrixXd> matrix(sums.data() + k * static_cast<std::size_t>(size_ * size_), size_,
                                  size_);
      matrix.triangularView<Eigen::StrictlyUpper>() = matrix.transpose();
    }
  }

 private:
  // Calls visit(first row, scratch) for each tile, with the tile loaded and z = A v for all points;
  // adds up scratch.sums, `length` numbers a point, over the blocks in their order.
  template <class Visit>
  void sum_over_tiles(std::span<const LogisticPoint> points, Index length, std::span<double> sums,
                      const Visit& visit) {
    const auto count = static_cast<Index>(points.size());
    expects(std::ssize(sums) == count * length, "logistic sums: room for every point");
    MatrixXd v(size_, count);
    for (Index k = 0; k < count; ++k)
      v.col(k) = Eigen::Map<const Eigen::VectorXd>(points[static_cast<std::size_t>(k)].v, size_);
    const Tile tile(size_ - 1);
    const Index rows = tile.capacity();
    const Scratch blank{tile, {}, MatrixXd(rows, count),  MatrixXd(rows, count), {},
                        {},   {}, MatrixXd(length, count)};
    std::vector<Scratch> scratch(static_cast<std::size_t>(threads_), blank);
    Eigen::Map<MatrixXd> total(sums.data(), length, count);
    total.setZero();
    problem_.rows->for_each(
        threads_,
        [&](const RowBlock& block, int worker) {
          Scratch& mine = scratch[static_cast<std::size_t>(worker)];
          mine.sums.setZero();
          tile.for_each(block.rows, [&](std::int64_t first, std::int64_t tile_rows) {
            mine.tile.load(block, first, tile_rows);
            mine.z.topRows(tile_rows).noalias() = mine.tile.a() * v;
            visit(block.first_row + first, mine);
          });
        },
        [&](std::int64_t, int worker) { total += scratch[static_cast<std::size_t>(worker)].sums; });
  }

  // Neighbouring points often belong to models that differ in reg only: looked up once for them.
  void look_up_targets(std::span<const LogisticPoint> points, std::size_t k, std::int64_t first_row,
                       Index rows, Scratch& scratch) const {
    const Model& model = problem_.models[static_cast<std::size_t>(points[k].model)];
    if (k > 0) {
      const Model& previous = problem_.models[static_cast<std::size_t>(points[k - 1].model)];
      if (previous.held_out_fold == model.held_out_fold &&
          previous.positive_class == model.positive_class)
        return;
    }
    Targets& targets = scratch.targets;
    targets.sign.resize(rows);
    targets.weight.resize(rows);
    const std::int32_t* const classes = problem_.class_of_row.data() + first_row;
    for (Index i = 0; i < rows; ++i)
      targets.sign[i] = classes[i] == model.positive_class ? 1.0 : -1.0;
    if (problem_.row_weight.empty())
      targets.weight.setOnes();
    else
      targets.weight = Eigen::Map<const ArrayXd>(problem_.row_weight.data() + first_row, rows);
    if (problem_.fold_of_row.empty()) return;
    const std::int32_t* const folds = problem_.fold_of_row.data() + first_row;
    for (Index i = 0; i < rows; ++i)
      targets.weight[i] = folds[i] < 0 || folds[i] == model.held_out_fold ? 0.0 : targets.weight[i];
  }

  static void look_at_margins(Index column, Scratch& scratch) {
    const Index rows = scratch.targets.sign.size();
    const Targets& targets = scratch.targets;
    // A row that does not count may hold values that overflow z: 0 times infinity is not 0.
    scratch.margin =
        (targets.weight > 0).select(targets.sign * scratch.z.col(column).head(rows).array(), 0.0);
    scratch.e = (-scratch.margin.abs()).exp();
  }

  // The tile's loss; the residual, d loss / d z, is left in scratch.residual. It is taken from the
  // margin and not as p - y, which would lose its digits where p is close to y.
  static double loss_and_residual(Index column, Scratch& scratch) {
    look_at_margins(column, scratch);
    const ArrayXd& margin = scratch.margin;
    const ArrayXd& e = scratch.e;
    const Targets& targets = scratch.targets;
    scratch.residual.col(column).head(margin.size()) =
        -targets.sign * targets.weight * (margin < 0).select(1.0, e) / (1 + e);
    return (targets.weight * ((-margin).max(0) + e.log1p())).sum();
  }

  void add_curvature(Index column, Scratch& scratch) const {
    look_at_margins(column, scratch);
    const ArrayXd& e = scratch.e;
    const ArrayXd root = (scratch.targets.weight * e).sqrt() / (1 + e);  // p (1-p) = e / (1+e)^2
    scratch.weighted = root.matrix().asDiagonal() * scratch.tile.a();
    Eigen::Map<MatrixXd> sum(scratch.sums.col(column).data(), size_, size_);
    sum.selfadjointView<Lower>().rankUpdate(scratch.weighted.transpose());
  }

  LogisticProblem problem_;
  Index size_;
  int threads_;
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
  for (const Model& model : problem.models)
    expects(model.reg > 0 && std::isfinite(model.reg), "logistic_sums: reg must be > 0 and finite");
  expect_available(backend, "logistic regression");
  if (backend == Backend::cuda) return cuda::logistic_sums(problem, device_memory);
  return std::make_unique<CpuSums>(problem, threads);
}

}  // namespace gradstep
