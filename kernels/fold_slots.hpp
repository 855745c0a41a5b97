#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/solver.hpp"

namespace gradstep {

/// The folds that models leave out, numbered: a slot each, and a last slot for all other rows that
/// train. Where models weigh their classes differently, there are as many slots for the positives
/// of each, and for all other rows: sums are then taken without these weights, which come last.
/// Internal to kernels/.
class FoldSlots {
 public:
  explicit FoldSlots(std::span<const Model> models);

  [[nodiscard]] std::size_t count() const { return (folds_.size() + 1) * (classes_.size() + 1); }
  /// Those that have slots of their own, in the order of the slots.
  [[nodiscard]] std::span<const int> folds() const { return folds_; }
  /// True when the slot of a row depends on its class.
  [[nodiscard]] bool tell_classes_apart() const { return !classes_.empty(); }
  /// -1 for a fold below 0, whose rows train no model.
  [[nodiscard]] int of(std::int32_t fold, std::int32_t class_of_row) const {
    if (fold < 0) return -1;
    std::size_t slot = place_of(fold, folds_);
    if (!classes_.empty()) slot += place_of(class_of_row, classes_) * (folds_.size() + 1);
    return static_cast<int>(slot);
  }
  [[nodiscard]] std::vector<std::int32_t> of_rows(const LogisticProblem& problem) const;
  /// What the sums over the rows of a slot count for one of the models; 0: nothing, they may be
  /// infinite.
  [[nodiscard]] double weight(const Model& model, std::size_t slot) const;

 private:
  // Where the value is among the sorted ones; at their end if it is none of them. Those of
  // neighbouring rows are random: a search without branches, which would be mispredicted.
  static std::size_t place_of(std::int32_t value, const std::vector<int>& sorted) {
    std::size_t first = 0;
    for (std::size_t left = sorted.size(); left > 0;) {
      const std::size_t half = (left + 1) / 2;
      first += sorted[first + half - 1] < value ? half : 0;
      left -= half;
    }
    const bool found = first < sorted.size() && sorted[first] == value;
    return found ? first : sorted.size();
  }

  std::vector<int> folds_;    ///< sorted
  std::vector<int> classes_;  ///< sorted
};

/// Slots as the folds that gram_by_fold() (kernels/gram.hpp) takes apart, whose sums are then those
/// of the slots. Internal to kernels/.
class SlotFolds {
 public:
  /// Keeps references to both.
  /// Memory: 4 bytes a row, where slots tell classes apart.
  SlotFolds(const FoldSlots& slots, const LogisticProblem& problem);
  SlotFolds(const SlotFolds&) = delete;
  SlotFolds& operator=(const SlotFolds&) = delete;
  ~SlotFolds() = default;

  [[nodiscard]] std::span<const std::int32_t> of_rows() const { return of_rows_; }
  [[nodiscard]] std::span<const int> folds() const { return folds_; }

 private:
  std::vector<std::int32_t> slot_of_row_;
  std::vector<int> all_but_the_last_;
  std::span<const std::int32_t> of_rows_;
  std::span<const int> folds_;
};

}  // namespace gradstep
