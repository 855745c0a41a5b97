#include "kernels/held_out_scores.hpp"

#include <algorithm>
#include <cstddef>
#include <span>

#include "kernels/auc.hpp"
#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/fold_tiles.hpp"
#include "kernels/tile_sums.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t lanes = 8;
constexpr std::int64_t decisions_at_once = 8 << 20;  // 64 MB

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

// Sums over the rows of one fold: 8 losses, then 8 counts of rows predicted right.
using FoldSums = std::vector<double>;

struct Scratch {
  FoldTiles tiles;
  AlignedDoubles signs;  // tile rows
  AlignedDoubles z;      // 8 a tile row
  std::vector<FoldSums> sums;
};

class Scorer {
 public:
  Scorer(const PathProblem& problem, const ModelPath& path, int threads)
      : problem_(problem),
        path_(path),
        threads_(threads),
        folds_(index(problem.folds)),
        rows_of_fold_(folds_),
        positive_of_fold_(folds_) {
    for (int fold = 0; fold < problem.folds; ++fold) models_.push_back({1, fold});
    for (std::size_t row = 0; row < problem.fold_of_row.size(); ++row) {
      const std::int32_t fold = problem.fold_of_row[row];
      if (fold < 0) continue;
      rows_of_fold_[index(fold)].push_back(static_cast<std::int64_t>(row));
      positive_of_fold_[index(fold)].push_back(
          problem.class_of_row[row] == problem.positive_class ? 1 : 0);
    }
  }

  [[nodiscard]] std::vector<HeldOutScores> score() {
    std::vector<HeldOutScores> scores(path_.held_out.size());
    const std::size_t rates = problem_.rates.size();
    const std::size_t at_once = std::min(rates_at_once(), rates);
    for (const auto& rows : rows_of_fold_) decisions_.emplace_back(at_once * rows.size());
    for (std::size_t first = 0; first < rates; first += at_once) {
      const std::size_t count = std::min(at_once, rates - first);
      add_sums(first, count, scores);
      add_areas(first, count, scores);
    }
    return scores;
  }

 private:
  // Their decisions take a quarter of X, or 64 MB.
  [[nodiscard]] std::size_t rates_at_once() const {
    const std::int64_t fit = decisions_at_once / std::max<std::int64_t>(problem_.rows->rows(), 1);
    return index(std::clamp(std::max(problem_.rows->cols() / 4, fit), std::int64_t{1}, lanes));
  }

  // The rows are looked at by fold, all of them: weights are for the training.
  [[nodiscard]] LogisticProblem rows_by_fold() const {
    return {.rows = problem_.rows,
            .class_of_row = problem_.class_of_row,
            .fold_of_row = problem_.fold_of_row,
            .row_weight = {},
            .models = models_};
  }

  // v of the rates' models that leave `fold` out, as TileSums::point_scores() wants it.
  [[nodiscard]] std::vector<double> points(std::size_t first_rate, std::size_t count,
                                           std::size_t fold) const {
    const auto size = index(problem_.rows->cols() + 1);
    std::vector<double> v(size * lanes, 0.0);
    for (std::size_t k = 0; k < count; ++k) {
      const Fit& fit = path_.held_out[(first_rate + k) * folds_ + fold];
      for (std::size_t c = 0; c + 1 < size; ++c) v[c * lanes + k] = fit.coefficients[c];
      v[(size - 1) * lanes + k] = fit.intercept;
    }
    return v;
  }

  // One read of X: losses, rows predicted right, and the decisions.
  void add_sums(std::size_t first_rate, std::size_t count, std::vector<HeldOutScores>& scores) {
    const LogisticProblem rows = rows_by_fold();
    const FoldSlots slots(models_);
    std::vector<std::vector<double>> v;
    v.reserve(folds_);
    for (std::size_t fold = 0; fold < folds_; ++fold) v.push_back(points(first_rate, count, fold));

    const int workers = problem_.rows->useful_workers(threads_);
    const std::vector<FoldSums> zeros(folds_, FoldSums(2 * lanes, 0.0));
    const Scratch blank{FoldTiles(problem_.rows->cols(), slots.count()),
                        AlignedDoubles(FoldTile::capacity),
                        AlignedDoubles(FoldTile::capacity * lanes), zeros};
    std::vector<Scratch> scratch(index(workers), blank);
    std::vector<FoldSums> total = zeros;
    problem_.rows->for_each(
        workers,
        [&](const RowBlock& block, int worker) {
          Scratch& mine = scratch[index(worker)];
          mine.sums = zeros;
          mine.tiles.for_each(block, rows, slots, [&](std::size_t fold, const FoldTile& tile) {
            add_tile(tile, fold, v[fold], count, mine);
          });
        },
        [&](std::int64_t, int worker) {
          const std::vector<FoldSums>& sums = scratch[index(worker)].sums;
          for (std::size_t fold = 0; fold < folds_; ++fold)
            for (std::size_t k = 0; k < total[fold].size(); ++k) total[fold][k] += sums[fold][k];
        });
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t fold = 0; fold < folds_; ++fold) {
        HeldOutScores& of_model = scores[(first_rate + k) * folds_ + fold];
        const auto tested = static_cast<double>(rows_of_fold_[fold].size());
        of_model.log_loss = total[fold][k] / tested;
        of_model.accuracy = total[fold][lanes + k] / tested;
      }
  }

  void add_tile(const FoldTile& tile, std::size_t fold, const std::vector<double>& v,
                std::size_t count, Scratch& at) {
    const PointTile rows{tile.columns(), problem_.rows->cols() + 1, tile.rows(), nullptr};
    tile.look_up_signs(rows_by_fold(), problem_.positive_class, at.signs.data());
    kernels_.point_scores(rows, at.signs.data(), v.data(), at.z.data(), at.sums[fold].data());
    // The tile's rows follow each other in their fold.
    const std::vector<std::int64_t>& all = rows_of_fold_[fold];
    const auto first = std::lower_bound(all.begin(), all.end(), tile.row().front()) - all.begin();
    for (std::size_t k = 0; k < count; ++k) {
      double* const out = decisions_[fold].data() + k * all.size() + index(first);
      for (std::int64_t i = 0; i < tile.rows(); ++i) out[i] = at.z.data()[index(i * lanes) + k];
    }
  }

  void add_areas(std::size_t first_rate, std::size_t count, std::vector<HeldOutScores>& scores) {
    for_each_in_order(
        static_cast<std::int64_t>(count * folds_), threads_,
        [&](std::int64_t model, int) {
          const std::size_t fold = index(model) % folds_;
          const std::size_t rows = rows_of_fold_[fold].size();
          const std::span decisions(decisions_[fold].data() + index(model) / folds_ * rows, rows);
          scores[first_rate * folds_ + index(model)].auc =
              area_under_roc(positive_of_fold_[fold], decisions);
        },
        [](std::int64_t, int) {});
  }

  const PathProblem& problem_;
  const ModelPath& path_;
  int threads_;
  std::size_t folds_;
  std::vector<Model> models_;  // one a fold
  std::vector<std::vector<std::int64_t>> rows_of_fold_;
  std::vector<std::vector<std::int32_t>> positive_of_fold_;
  std::vector<std::vector<double>> decisions_;  // a fold's: those of each rate at hand
  const TileSums& kernels_ = tile_sums();
};

}  // namespace

std::vector<HeldOutScores> score_held_out(const PathProblem& problem, const ModelPath& path,
                                          int threads) {
  expect_whole(problem);
  expects(path.held_out.size() == problem.rates.size() * index(problem.folds),
          "score_held_out: a model for each rate and fold");
  for (const Fit& fit : path.held_out)
    expects(std::ssize(fit.coefficients) == problem.rows->cols(),
            "score_held_out: a coefficient for each column");
  return Scorer(problem, path, threads).score();
}

}  // namespace gradstep
