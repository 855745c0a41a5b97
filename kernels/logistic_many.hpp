#pragma once

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
  /// From so many points on, loss and gradient are faster this way.
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
  [[nodiscard]] bool shared() const { return places_.size() < points_.size(); }

  void loss_and_gradient(std::span<double> sums) const;
  /// Memory: a (d+1)^2 matrix a thread for each fold of each place.
  void hessian(std::span<double> sums) const;

 private:
  /// Where sums are asked for.
  struct Place {
    const double* v;
    int positive_class;
    bool operator==(const Place&) const = default;
  };

  /// What the rows of a slot are summed up at: eight places of one class a group, each a lane.
  struct SlotPlan {
    std::vector<std::int64_t> lane_of;  ///< of each place, among those of all groups; -1: none
    std::vector<std::size_t> places;    ///< those that have a lane
    std::vector<int> class_of_group;
    std::vector<double> v;  ///< as TileSums::add_point_sums() wants it
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

  [[nodiscard]] std::size_t place_of(const LogisticPoint& point);
  [[nodiscard]] SlotPlan plan(std::size_t slot) const;
  template <class Scratch, class Add, class Finish, class Commit>
  void for_each_tile(std::size_t most_parts, const Scratch& blank, const Add& add,
                     const Finish& finish, const Commit& commit) const;
  void add_gradients(std::size_t slot, const FoldTile& rows, Part part, GradientScratch& at) const;
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
  std::vector<Place> places_;          ///< distinct
  std::vector<std::size_t> place_of_;  ///< of each point
  std::vector<SlotPlan> plans_;        ///< one a slot
  const TileSums& kernels_ = tile_sums();
};

}  // namespace gradstep
