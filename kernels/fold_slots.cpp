#include "kernels/fold_slots.hpp"

#include <algorithm>
#include <numeric>

namespace gradstep {
namespace {

void keep_distinct(std::vector<int>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

FoldSlots::FoldSlots(std::span<const Model> models) {
  folds_.reserve(models.size());
  for (const Model& model : models) {
    if (model.held_out_fold >= 0) folds_.push_back(model.held_out_fold);
    if (model.class_weights.negative != model.class_weights.positive)
      classes_.push_back(model.positive_class);
  }
  keep_distinct(folds_);
  keep_distinct(classes_);
}

std::vector<std::int32_t> FoldSlots::of_rows(const LogisticProblem& problem) const {
  std::vector<std::int32_t> slots(problem.class_of_row.size());
  for (std::size_t row = 0; row < slots.size(); ++row)
    slots[row] =
        of(problem.fold_of_row.empty() ? 0 : problem.fold_of_row[row], problem.class_of_row[row]);
  return slots;
}

double FoldSlots::weight(const Model& model, std::size_t slot) const {
  const std::size_t fold = slot % (folds_.size() + 1);
  if (fold < folds_.size() && folds_[fold] == model.held_out_fold) return 0;
  const std::size_t of_rows = slot / (folds_.size() + 1);
  const bool positive = of_rows < classes_.size() && classes_[of_rows] == model.positive_class;
  return positive ? model.class_weights.positive : model.class_weights.negative;
}

SlotFolds::SlotFolds(const FoldSlots& slots, const LogisticProblem& problem)
    : of_rows_(problem.fold_of_row), folds_(slots.folds()) {
  if (!slots.tell_classes_apart()) return;
  slot_of_row_ = slots.of_rows(problem);
  all_but_the_last_.resize(slots.count() - 1);
  std::iota(all_but_the_last_.begin(), all_but_the_last_.end(), 0);
  of_rows_ = slot_of_row_;
  folds_ = all_but_the_last_;
}

}  // namespace gradstep
