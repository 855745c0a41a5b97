#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/fold_tiles.hpp"
#include "kernels/logistic.hpp"
#include "kernels/tile_sums.hpp"

namespace gradstep {

/// LogisticSums' sums on the CPU when they are asked for at many points: eight points a register,
/// rows gathered by fold, so that none is computed with that does not count. Points of models that
/// differ in the fold they leave out and in the weights of their classes only, at one v (the same
/// array), cost as much as one of them: the rows of each slot are summed up by themselves. Internal
/// to kernels/*.cpp.
///
/// Agreement: same bits for any number of threads.
class ManyPoints {
 public:
  /// From so many points on, loss and gradient are faster this way (measured up to d = 28).
  static constexpr std::size_t fewest = 10;

  /// Keeps references to the first three.
  /// @param threads  where there are fewer blocks of rows, the points are shared out as well; no
  ///                 more threads are started than there are pieces of work
  ManyPoints(const LogisticProblem& problem, const FoldSlots& slots,
             std::span<const LogisticPoint> points, int threads);

  /// False when loss and gradient are faster the other way after all: lanes of a register are of
  /// one class, and most are left empty when there are many classes with few points each.
  [[nodiscard]] bool fill_lanes() const;

  /// True when points share their sums.
  [[nodiscard]] bool shared() const { return sites_.size() < points_.size(); }

  /// How many of the points, from the first on, loss and gradient take no more than a fixed memory
  /// for: d+2 numbers a slot and v, where `fewest` fit at all.
  [[nodiscard]] static std::size_t first_that_fit(const LogisticProblem& problem,
                                                  const FoldSlots& slots,
                                                  std::span<const LogisticPoint> points);

  /// Memory: d+2 numbers for each slot of each v, twice and twice a thread: at 32 MiB each, 128 MiB
  /// and 64 MiB a thread; and for each thread and slot 200 rows of d+1 numbers.
  void loss_and_gradient(std::span<double> sums) const;
  /// Memory: a (d+1)^2 matrix for each slot of each v, twice and once a thread; and the rows.
  void hessian(std::span<double> sums) const;

 private:
  /// Where sums are asked for.
  struct Site {
    const double* v;
    int positive_class;
    auto operator<=>(const Site&) const = default;
  };

  /// What the rows of a slot are summed up at: eight sites of one class a group, each a lane.
  struct SlotPlan {
    std::vector<std::int64_t> lane_of;  ///< of each site, among those of all groups; -1: none
    std::vector<std::size_t> sites;     ///< those that have a lane
    std::vector<int> class_of_group;
  };

  /// A part's share of something: from `first` on, without `end`.
  struct Share {
    std::size_t first, end;
  };
  /// One of `of` parts of the points. Each gathers the rows for itself.
  struct Part {
    std::size_t index, of;
    [[nodiscard]] Share share(std::size_t count) const {
      return {count * index / of, count * (index + 1) / of};
    }
  };

  struct GradientScratch;
  struct HessianScratch;

  [[nodiscard]] SlotPlan plan(std::size_t slot) const;
  /// The v of its lanes, as TileSums::add_point_sums() wants them.
  [[nodiscard]] std::vector<double> v_of(const SlotPlan& plan) const;
  [[nodiscard]] static std::int64_t classes_of(const SlotPlan& plan);
  template <class Scratch, class Add, class Finish, class Commit>
  void for_each_tile(std::size_t most_parts, const Scratch& blank, const Add& add,
                     const Finish& finish, const Commit& commit) const;
  void add_gradients(std::size_t slot, const std::vector<double>& v, const FoldTile& rows,
                     Part part, GradientScratch& at) const;
  void take_gradients(Part part, GradientScratch& at) const;
  void add_hessians(std::size_t slot, const FoldTile& tile, Part part, HessianScratch& at) const;
  /// What the sums of a slot count for a point; 0: nothing.
  [[nodiscard]] double weight_of(std::size_t point, std::size_t slot) const {
    return slots_.weight(problem_.models[static_cast<std::size_t>(points_[point].model)], slot);
  }

  const LogisticProblem& problem_;
  const FoldSlots& slots_;
  std::span<const LogisticPoint> points_;
  std::int64_t size_;  ///< d + 1
  int threads_;
  std::vector<Site> sites_;           ///< distinct
  std::vector<std::size_t> site_of_;  ///< of each point
  std::vector<SlotPlan> plans_;       ///< one a slot
  const TileSums& kernels_ = tile_sums();
};

}  // namespace gradstep
