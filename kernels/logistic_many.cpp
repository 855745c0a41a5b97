#include "kernels/logistic_many.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/core/parallel.hpp"

namespace gradstep {
namespace {

using Eigen::MatrixXd;

constexpr std::size_t lanes = 8;
// Of a part, at least: to gather the rows, as each part does, costs as much as about four groups.
constexpr std::size_t groups_of_a_part = 2;
constexpr std::size_t doubles_at_once = 4 << 20;  // 32 MiB
static_assert(FoldTile::capacity <= PointTile::most_rows);

std::size_t index(std::int64_t i) { return static_cast<std::size_t>(i); }

}  // namespace

struct ManyPoints::GradientScratch {
  FoldTiles tiles;
  AlignedDoubles signs;                        // tile rows a class
  AlignedDoubles z;                            // as add_point_sums() wants it
  std::vector<const double*> signs_of_group;   // one a group
  std::vector<double> losses;                  // of a tile
  std::vector<MatrixXd> sums;                  // one a slot: loss and gradient, a column a site
  std::vector<std::vector<double>> gradients;  // one a slot: as add_point_sums() has them
};

struct ManyPoints::HessianScratch {
  FoldTiles tiles;
  AlignedDoubles signs, z, root;       // tile rows each
  AlignedDoubles weighted;             // tile rows by d+1
  std::vector<const double*> columns;  // of weighted
  std::vector<MatrixXd> sums;          // one a slot: lower triangles, (d+1)^2 numbers a site
};

ManyPoints::ManyPoints(const LogisticProblem& problem, const FoldSlots& slots,
                       std::span<const LogisticPoint> points, int threads)
    : problem_(problem),
      slots_(slots),
      points_(points),
      size_(problem.rows->cols() + 1),
      threads_(threads) {
  site_of_.reserve(points.size());
  std::map<Site, std::size_t> known;
  for (const LogisticPoint& point : points) {
    const Site site{point.v, problem_.models[index(point.model)].positive_class};
    const auto [found, is_new] = known.emplace(site, sites_.size());
    if (is_new) sites_.push_back(site);
    site_of_.push_back(found->second);
  }
  plans_.reserve(slots.count());
  for (std::size_t slot = 0; slot < slots.count(); ++slot) plans_.push_back(plan(slot));
}

// Two registers of lanes take as long as `fewest` points the other way, however many are filled.
bool ManyPoints::fill_lanes() const {
  std::size_t most_groups = 0;
  for (const SlotPlan& plan : plans_)
    most_groups = std::max(most_groups, plan.class_of_group.size());
  return 2 * points_.size() >= most_groups * fewest;
}

std::size_t ManyPoints::first_that_fit(const LogisticProblem& problem, const FoldSlots& slots,
                                       std::span<const LogisticPoint> points) {
  const auto doubles = slots.count() * index(problem.rows->cols() + 2);
  std::size_t most = std::max(doubles_at_once / doubles, fewest);
  std::size_t count = 0;
  for (; count < points.size(); ++count)
    if ((count == 0 || points[count].v != points[count - 1].v) && most-- == 0) break;
  return count;
}

ManyPoints::SlotPlan ManyPoints::plan(std::size_t slot) const {
  std::vector<bool> needed(sites_.size());
  for (std::size_t k = 0; k < points_.size(); ++k)
    if (weight_of(k, slot) > 0) needed[site_of_[k]] = true;
  std::map<int, std::vector<std::size_t>> by_class;
  for (std::size_t k = 0; k < sites_.size(); ++k)
    if (needed[k]) by_class[sites_[k].positive_class].push_back(k);

  SlotPlan plan;
  plan.lane_of.assign(sites_.size(), -1);
  for (const auto& [positive_class, sites] : by_class) {
    std::size_t lane = plan.class_of_group.size() * lanes;
    for (const std::size_t site : sites) {
      plan.lane_of[site] = static_cast<std::int64_t>(lane++);
      plan.sites.push_back(site);
    }
    plan.class_of_group.resize((lane + lanes - 1) / lanes, positive_class);
  }
  return plan;
}

std::vector<double> ManyPoints::v_of(const SlotPlan& plan) const {
  const auto size = index(size_);
  std::vector<double> v(plan.class_of_group.size() * size * lanes);
  for (const std::size_t site : plan.sites) {
    const auto lane = index(plan.lane_of[site]);
    double* const group = v.data() + lane / lanes * size * lanes + lane % lanes;
    for (std::size_t c = 0; c < size; ++c) group[c * lanes] = sites_[site].v[c];
  }
  return v;
}

// Groups of a class follow each other.
std::int64_t ManyPoints::classes_of(const SlotPlan& plan) {
  std::int64_t classes = 0;
  for (std::size_t g = 0; g < plan.class_of_group.size(); ++g)
    if (g == 0 || plan.class_of_group[g] != plan.class_of_group[g - 1]) ++classes;
  return classes;
}

// Calls add(slot, tile, part, scratch) for each tile of a block and each part, and
// finish(part, scratch) after its last; commit(scratch) sees them in the order of blocks and parts.
// Threads that the blocks leave over share out the points, in up to `most_parts` parts.
template <class Scratch, class Add, class Finish, class Commit>
void ManyPoints::for_each_tile(std::size_t most_parts, const Scratch& blank, const Add& add,
                               const Finish& finish, const Commit& commit) const {
  const int blocks = problem_.rows->useful_workers(threads_);
  const std::size_t parts =
      std::clamp<std::size_t>(most_parts, 1, index(std::max(threads_ / blocks, 1)));
  std::vector<Scratch> scratch(index(blocks) * parts, blank);
  const auto scratch_of = [&](int worker, std::size_t part) -> Scratch& {
    return scratch[index(worker) * parts + part];
  };
  problem_.rows->for_each(
      blocks,
      [&](const RowBlock& block, int worker) {
        for_each_in_order(
            static_cast<std::int64_t>(parts), static_cast<int>(parts),
            [&](std::int64_t which, int) {
              const Part part{index(which), parts};
              Scratch& mine = scratch_of(worker, part.index);
              for (MatrixXd& sum : mine.sums) sum.setZero();
              mine.tiles.for_each(
                  block, problem_, slots_,
                  [&](std::size_t slot, const FoldTile& tile) { add(slot, tile, part, mine); });
              finish(part, mine);
            },
            [](std::int64_t, int) {});
      },
      [&](std::int64_t, int worker) {
        for (std::size_t part = 0; part < parts; ++part) commit(scratch_of(worker, part));
      });
}

void ManyPoints::loss_and_gradient(std::span<double> sums) const {
  const auto sites = static_cast<Eigen::Index>(sites_.size());
  std::vector<MatrixXd> total(plans_.size(), MatrixXd::Zero(size_ + 1, sites));
  std::size_t most_groups = 0;
  std::int64_t most_classes = 0;
  std::vector<std::vector<double>> v;
  v.reserve(plans_.size());
  for (const SlotPlan& plan : plans_) {
    most_groups = std::max(most_groups, plan.class_of_group.size());
    most_classes = std::max(most_classes, classes_of(plan));
    v.push_back(v_of(plan));
  }
  GradientScratch blank{FoldTiles(size_ - 1, plans_.size()),
                        AlignedDoubles(FoldTile::capacity * most_classes),
                        AlignedDoubles(FoldTile::capacity * 2 * std::int64_t{lanes}),
                        std::vector<const double*>(most_groups),
                        std::vector<double>(most_groups * 3 * lanes),
                        total,
                        {}};
  for (const auto& of_slot : v) blank.gradients.emplace_back(of_slot.size());
  for_each_tile(
      most_groups / groups_of_a_part, blank,
      [&](std::size_t slot, const FoldTile& tile, Part part, GradientScratch& at) {
        add_gradients(slot, v[slot], tile, part, at);
      },
      [this](Part part, GradientScratch& at) { take_gradients(part, at); },
      [&](const GradientScratch& at) {
        for (std::size_t slot = 0; slot < total.size(); ++slot) total[slot] += at.sums[slot];
      });
  Eigen::Map<MatrixXd> out(sums.data(), size_ + 1, std::ssize(points_));
  out.setZero();
  for (std::size_t k = 0; k < points_.size(); ++k)
    for (std::size_t slot = 0; slot < total.size(); ++slot)
      if (const double weight = weight_of(k, slot); weight > 0)
        out.col(static_cast<Eigen::Index>(k)) +=
            weight * total[slot].col(static_cast<Eigen::Index>(site_of_[k]));
}

void ManyPoints::add_gradients(std::size_t slot, const std::vector<double>& v, const FoldTile& rows,
                               Part part, GradientScratch& at) const {
  const SlotPlan& plan = plans_[slot];
  const auto [first, end] = part.share(plan.class_of_group.size());
  double* signs = at.signs.data();
  for (std::size_t g = first; g < end; ++g) {
    const int positive_class = plan.class_of_group[g];
    if (g > first && positive_class == plan.class_of_group[g - 1]) {
      at.signs_of_group[g] = at.signs_of_group[g - 1];
      continue;
    }
    rows.look_up_signs(problem_, positive_class, signs);
    at.signs_of_group[g] = signs;
    signs += FoldTile::capacity;
  }
  const PointTile tile{rows.columns(), size_, rows.rows(),
                       problem_.row_weight.empty() ? nullptr : rows.weight()};
  const std::size_t offset = first * index(size_) * lanes;
  kernels_.add_point_sums(tile, at.signs_of_group.data() + first, v.data() + offset,
                          static_cast<std::int64_t>(end - first), at.z.data(),
                          at.gradients[slot].data() + offset, at.losses.data() + first * 3 * lanes);
  for (const std::size_t site : plan.sites) {
    const auto lane = index(plan.lane_of[site]);
    if (lane < first * lanes || lane >= end * lanes) continue;
    const double* const loss = at.losses.data() + lane / lanes * 3 * lanes + lane % lanes;
    at.sums[slot](0, static_cast<Eigen::Index>(site)) +=
        loss[0] + std::log1p(loss[lanes] - 1 + loss[2 * lanes]);
  }
}

// From `gradients` to `sums`; `gradients` begins again with the next block.
void ManyPoints::take_gradients(Part part, GradientScratch& at) const {
  for (std::size_t slot = 0; slot < plans_.size(); ++slot) {
    const SlotPlan& plan = plans_[slot];
    const auto [first, end] = part.share(plan.class_of_group.size());
    for (const std::size_t site : plan.sites) {
      const auto lane = index(plan.lane_of[site]);
      if (lane < first * lanes || lane >= end * lanes) continue;
      const double* const group =
          at.gradients[slot].data() + lane / lanes * index(size_) * lanes + lane % lanes;
      for (std::int64_t c = 0; c < size_; ++c)
        at.sums[slot](1 + c, static_cast<Eigen::Index>(site)) = group[index(c) * lanes];
    }
    std::fill(at.gradients[slot].begin(), at.gradients[slot].end(), 0.0);
  }
}

void ManyPoints::hessian(std::span<double> sums) const {
  const HessianScratch blank{
      FoldTiles(size_ - 1, plans_.size()),
      AlignedDoubles(FoldTile::capacity),
      AlignedDoubles(FoldTile::capacity),
      AlignedDoubles(FoldTile::capacity),
      AlignedDoubles(FoldTile::capacity * size_),
      std::vector<const double*>(index(size_)),
      std::vector<MatrixXd>(plans_.size(), MatrixXd(size_ * size_, std::ssize(sites_)))};
  std::vector<MatrixXd> total(plans_.size(), MatrixXd::Zero(size_ * size_, std::ssize(sites_)));
  for_each_tile(
      sites_.size(), blank,
      [this](std::size_t slot, const FoldTile& tile, Part part, HessianScratch& at) {
        add_hessians(slot, tile, part, at);
      },
      [](Part, HessianScratch&) {},
      [&](const HessianScratch& at) {
        for (std::size_t slot = 0; slot < total.size(); ++slot) total[slot] += at.sums[slot];
      });
  for (std::size_t k = 0; k < points_.size(); ++k) {
    Eigen::Map<MatrixXd> matrix(sums.data() + k * index(size_ * size_), size_, size_);
    matrix.setZero();
    for (std::size_t slot = 0; slot < total.size(); ++slot)
      if (const double weight = weight_of(k, slot); weight > 0)
        matrix +=
            weight * total[slot].col(static_cast<Eigen::Index>(site_of_[k])).reshaped(size_, size_);
    matrix.triangularView<Eigen::StrictlyUpper>() = matrix.transpose();
  }
}

void ManyPoints::add_hessians(std::size_t slot, const FoldTile& tile, Part part,
                              HessianScratch& at) const {
  const SlotPlan& plan = plans_[slot];
  const std::int64_t rows = tile.filled_rows();
  const auto [first, end] = part.share(plan.sites.size());
  for (std::size_t i = first; i < end; ++i) {
    const Site& site = sites_[plan.sites[i]];
    if (i == first || site.positive_class != sites_[plan.sites[i - 1]].positive_class)
      tile.look_up_signs(problem_, site.positive_class, at.signs.data());
    kernels_.products(tile.columns(), size_, rows, site.v, 1, at.z.data());
    kernels_.root_curvature(rows, at.signs.data(), tile.weight(), at.z.data(), at.root.data());
    kernels_.scale_rows(tile.columns(), size_, rows, at.root.data(), at.weighted.data());
    const double* column = at.weighted.data();
    for (const double*& weighted : at.columns) {
      weighted = column;
      column += rows;
    }
    kernels_.add_gram(at.columns.data(), size_, rows,
                      at.sums[slot].col(static_cast<Eigen::Index>(plan.sites[i])).data());
  }
}

}  // namespace gradstep
