#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/solver.hpp"

namespace gradstep {

/// Rows that stand for all: of every 16th run of 128 rows those that train a model, which also
/// serves a file whose rows are sorted. Internal to kernels/*.cpp.
class RowSample {
 public:
  static constexpr std::int64_t run = 128;
  static constexpr std::int64_t one_run_in = 16;

  /// Counts the rows. Keeps a reference to everything in `problem`.
  explicit RowSample(const LogisticProblem& problem);

  [[nodiscard]] std::int64_t rows() const { return first_of_block_.back(); }
  /// The rows of the whole that train a model.
  [[nodiscard]] std::int64_t rows_of_all() const { return rows_of_all_; }

  /// Copies the sample's rows, on up to `threads` threads.
  void gather(int threads);

  /// The problem on the sample, once gathered. Lives as long as the sample, until the next call.
  /// @param shares  what each model's reg is multiplied by: the sample's share of the weight, so
  ///                that the optimum is about the same; empty: by 1
  [[nodiscard]] LogisticProblem problem(const std::vector<double>& shares = {});

 private:
  /// Calls visit(row in the block) for the sample's rows among those of a block.
  template <class Visit>
  void for_each_row(std::int64_t first_row, std::int64_t rows, const Visit& visit) const;

  LogisticProblem whole_;
  std::int64_t rows_of_all_;
  std::vector<std::int64_t> first_of_block_;  ///< of each block of the whole, and the end
  std::unique_ptr<double[]> values64_;        ///< column by column, one of the two
  std::unique_ptr<float[]> values32_;
  std::unique_ptr<RowBlocks> rows_;
  std::vector<std::int32_t> class_of_row_;
  std::vector<std::int32_t> fold_of_row_;
  std::vector<double> row_weight_;
  std::vector<Model> models_;
};

}  // namespace gradstep
