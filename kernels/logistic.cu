#include "kernels/logistic.cuh"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "kernels/core/error.hpp"
#include "kernels/cuda/launch.cuh"
#include "kernels/fold_slots.hpp"

namespace gradstep::cuda {
namespace {

constexpr std::int32_t largest = std::numeric_limits<std::int16_t>::max();

// Classes and folds as the kernels read them: 2 bytes a row.
std::vector<std::int16_t> narrowed(std::span<const std::int32_t> values, std::int32_t smallest,
                                   const char* what) {
  std::vector<std::int16_t> narrow(values.size());
  std::transform(values.begin(), values.end(), narrow.begin(), [&](std::int32_t value) {
    if (value >= smallest && value <= largest) return static_cast<std::int16_t>(value);
    throw InvalidArgument(std::string(what) + ' ' + std::to_string(value) + ": a GPU takes " +
                          std::to_string(smallest) + " to " + std::to_string(largest));
  });
  return narrow;
}

constexpr std::int64_t bytes_of_hessians = 32 << 20;  // that kernels/descent.cpp asks for together

// Of the Hessians that are summed up apart for so many asked for together, at most.
std::size_t matrices_of_a_point(const FoldSlots& slots) {
  return slots.tell_classes_apart() ? 2 : 1;
}

std::int64_t reserved_bytes(const LogisticProblem& problem) {
  const std::int64_t n = problem.rows->rows();
  const std::int64_t d = problem.rows->cols();
  const std::int64_t models = std::ssize(problem.models);
  const FoldSlots slots(problem.models);
  return LogisticPass::bytes(n, d, static_cast<int>(models)) + PackedGram::bytes(n, d) +
         // the loop's factors, the first Gram matrices by slot, the Hessians of one read
         (models + static_cast<std::int64_t>(slots.count())) * 8 * (d + 1) * (d + 1) +
         bytes_of_hessians * static_cast<std::int64_t>(matrices_of_a_point(slots)) +
         n * (2 + 2 + 8);
}

// weight p (1-p) of rows [first, first + count) of a slab at the point v. A thread has a row and
// goes through its columns: coalesced, each element read once, 8 B written a row.
template <class T>
__global__ void __launch_bounds__(threads_per_block)
    curvature_kernel(Slab<T> slab, std::int64_t first, std::int64_t count, Targets targets,
                     const double* v, const Slot* slot, double* curvatures) {
  const std::int64_t i = grid_thread();
  if (i >= count) return;
  double z = v[slab.columns];
  for (std::int64_t c = 0; c < slab.columns; ++c)
    z = fma(static_cast<double>(slab.x[c * slab.stride + first + i]), v[c], z);
  curvatures[i] = curvature_of(z, target_of(targets, *slot, slab.first_row + first + i));
}

}  // namespace

DeviceSums::DeviceSums(const LogisticProblem& problem, std::int64_t device_memory)
    : problem_(problem),
      size_(problem.rows->cols() + 1),
      rows_(*problem.rows, device_memory, reserved_bytes(problem), stream()),
      class_of_row_(narrowed(problem.class_of_row, 0, "class"), stream()),
      fold_of_row_(narrowed(problem.fold_of_row, -1, "fold"), stream()),
      row_weight_(problem.row_weight, stream()),
      pass_(rows_.rows(), rows_.columns(), rows_.rows_of_a_slab(),
            static_cast<int>(problem.models.size()), stream()) {}

Slot DeviceSums::slot_of(const Model& model) const {
  const auto narrow = [](int value) {  // -1: no row is of such a class, or of such a fold
    return static_cast<std::int16_t>(value < 0 || value > largest ? -1 : value);
  };
  return {.positive_class = narrow(model.positive_class),
          .held_out_fold = narrow(model.held_out_fold),
          .active = 1,
          .negative_weight = model.class_weights.negative,
          .positive_weight = model.class_weights.positive};
}

Targets DeviceSums::targets() const {
  const bool of_classes = std::ranges::any_of(
      problem_.models, [](const Model& model) { return model.class_weights != TwoClassWeights{}; });
  return {class_of_row_.data(), fold_of_row_.data(), row_weight_.data(),
          of_classes || !problem_.row_weight.empty()};
}

const PackedGram& DeviceSums::packed_gram() {
  if (!packed_gram_) packed_gram_.emplace(rows_.rows(), rows_.columns(), stream());
  return *packed_gram_;
}

DeviceSums::DevicePoints DeviceSums::upload(std::span<const LogisticPoint> points) const {
  std::vector<double> v;
  std::vector<Slot> slots;
  for (const LogisticPoint& point : points) {
    v.insert(v.end(), point.v, point.v + size_);
    slots.push_back(slot_of(problem_.models[static_cast<std::size_t>(point.model)]));
  }
  return {{v, stream()}, {slots, stream()}};
}

void DeviceSums::gram(std::span<const std::int32_t> fold_of_row, std::span<const int> folds,
                      std::span<double> sums) {
  gram_by_fold(rows_, fold_of_row, row_weight_.data(), folds, packed_gram(), sums, stream());
}

void DeviceSums::loss_and_gradient(std::span<const LogisticPoint> points, std::span<double> sums) {
  const int count = static_cast<int>(points.size());
  expects(std::ssize(sums) == count * (size_ + 1), "logistic sums: room for every point");
  if (count == 0) return;
  if (count > pass_.most_points())
    pass_ = LogisticPass(rows_.rows(), rows_.columns(), rows_.rows_of_a_slab(), count, stream());
  const DevicePoints at = upload(points);
  const DeviceBuffer<double> device_sums(std::ssize(sums), stream());
  queue_loss_and_gradient(at.v.data(), at.slots.data(), count, device_sums.data());
  device_sums.copy_to(sums);
  stream_.wait();
}

void DeviceSums::queue_loss_and_gradient(const double* points, const Slot* slots, int count,
                                         double* sums) const {
  const PassPoints at{points, slots, count, sums};
  pass_.queue_begin(at);
  rows_.for_each_slab([&](const auto& slab) { pass_.queue_slab(slab, targets(), at); });
  if (rows_.rows() == 0)
    pass_.queue_slab(
        Slab<double>{
            .x = nullptr, .first_row = 0, .rows = 0, .stride = 0, .columns = rows_.columns()},
        targets(), at);
}

template <class T>
void DeviceSums::queue_curvatures(const Slab<T>& slab, std::int64_t first, std::int64_t count,
                                  const double* v, const Slot* slot, double* curvatures) const {
  launch({pieces(count, threads_per_block)}, stream(), curvature_kernel<T>, slab, first, count,
         targets(), v, slot, curvatures);
}

// Which points share the sums of each slot: those of one class at one v.
struct DeviceSums::SlotHessians {
  std::vector<Model> models;          // of the points
  std::vector<LogisticPoint> places;  // the first point of each such v
  std::vector<std::size_t> place_of;  // of each point
  FoldSlots slots;

  SlotHessians(std::span<const LogisticPoint> points, std::span<const Model> all)
      : models(models_of(points, all)), slots(models) {
    for (std::size_t k = 0; k < points.size(); ++k) {
      if (k == 0 || points[k - 1].v != points[k].v ||
          models[k - 1].positive_class != models[k].positive_class)
        places.push_back(points[k]);
      place_of.push_back(places.size() - 1);
    }
  }

  static std::vector<Model> models_of(std::span<const LogisticPoint> points,
                                      std::span<const Model> all) {
    std::vector<Model> models(points.size());
    std::transform(points.begin(), points.end(), models.begin(), [all](const LogisticPoint& point) {
      return all[static_cast<std::size_t>(point.model)];
    });
    return models;
  }

  // Fewer reads, and no more matrices than are reserved.
  [[nodiscard]] bool worthwhile() const {
    return places.size() < place_of.size() &&
           places.size() * slots.count() <= place_of.size() * matrices_of_a_point(slots);
  }
};

void DeviceSums::hessian(std::span<const LogisticPoint> points, std::span<double> sums) {
  expects(std::ssize(sums) == std::ssize(points) * size_ * size_,
          "logistic sums: room for every point");
  const SlotHessians plan(points, problem_.models);
  if (plan.worthwhile() && (!problem_.fold_of_row.empty() || plan.slots.tell_classes_apart()))
    hessian_by_slot(plan, sums);
  else
    hessian_of_each(points, sums);
}

void DeviceSums::hessian_of_each(std::span<const LogisticPoint> points, std::span<double> sums) {
  const PackedGram& packed = packed_gram();
  const DevicePoints at = upload(points);
  DeviceBuffer<double> lower(std::ssize(sums), stream());
  lower.set_to_zero();
  rows_.for_each_slab([&](const auto& slab) {
    for (std::int64_t k = 0; k < std::ssize(points); ++k)
      for_each_piece(slab, [&](std::int64_t first, std::int64_t rows) {
        queue_curvatures(slab, first, rows, at.v.data() + k * size_, at.slots.data() + k,
                         packed.weights());
        packed.pack(slab, first, rows, packed.weights(), nullptr);
        packed.add(0, rows, lower.data() + k * size_ * size_);
      });
  });
  copy_symmetric(lower, size_, sums, stream());
}

void DeviceSums::hessian_by_slot(const SlotHessians& plan, std::span<double> sums) {
  const PackedGram& packed = packed_gram();
  const SlotFolds slots_as_folds(plan.slots, problem_);
  SumsByFold by_fold(slots_as_folds.folds(), slots_as_folds.of_rows(), packed, stream());
  DevicePoints at = upload(plan.places);
  std::vector<Slot> slots;  // that leave nothing out and weigh no class
  slots.reserve(plan.places.size());
  for (const LogisticPoint& place : plan.places) {
    Model model = problem_.models[static_cast<std::size_t>(place.model)];
    model.held_out_fold = -1;
    model.class_weights = {};
    slots.push_back(slot_of(model));
  }
  at.slots.copy_from(slots);
  const std::int64_t length = size_ * size_;
  const std::int64_t of_a_place = by_fold.count() * length;
  DeviceBuffer<double> lower(std::ssize(plan.places) * of_a_place, stream());
  lower.set_to_zero();
  rows_.for_each_slab([&](const auto& slab) {
    for_each_piece(slab, [&](std::int64_t first, std::int64_t rows) {
      by_fold.group(slab.first_row + first, rows);
      for (std::int64_t k = 0; k < std::ssize(plan.places); ++k) {
        queue_curvatures(slab, first, rows, at.v.data() + k * size_, at.slots.data() + k,
                         packed.weights());
        by_fold.add(slab, first, packed.weights(), lower.data() + k * of_a_place);
      }
    });
  });
  std::vector<double> parts(static_cast<std::size_t>(lower.size()));
  copy_symmetric(lower, size_, parts, stream());
  std::fill(sums.begin(), sums.end(), 0.0);
  double* sum = sums.data();
  for (std::size_t k = 0; k < plan.models.size(); ++k, sum += length) {
    const double* part = parts.data() + static_cast<std::int64_t>(plan.place_of[k]) * of_a_place;
    for (std::size_t slot = 0; slot < plan.slots.count(); ++slot, part += length)
      if (const double weight = plan.slots.weight(plan.models[k], slot); weight > 0)
        std::transform(part, part + length, sum, sum,
                       [weight](double one, double all) { return all + weight * one; });
  }
}

std::unique_ptr<LogisticSums> logistic_sums(const LogisticProblem& problem,
                                            std::int64_t device_memory) {
  return std::make_unique<DeviceSums>(problem, device_memory);
}

}  // namespace gradstep::cuda
