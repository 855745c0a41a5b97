#include "steps/training_memory.hpp"

#include <algorithm>

#include "kernels/row_blocks.hpp"
#include "steps/error.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t bytes_of_mega = 1 << 20;
constexpr std::int64_t program =
    48 * bytes_of_mega;  // with the libraries that draw, and CSV blocks

}  // namespace

TrainingMemory memory_needed(const TrainingSize& size) {
  const std::int64_t values = size.cols + 1;
  const std::int64_t test_rows = size.rows - size.train_rows;
  // A block that is worked on and one that is asked for, and the sums over it.
  const std::int64_t of_a_thread =
      (2 * std::min(RowBlocks::rows_per_block, size.rows) * size.cols + 2 * values * values) * 8;
  const std::int64_t always = program + size.threads * of_a_thread + 4 * values * values * 8 +
                              size.rows * (4 + 8);  // the class and the split
  // The fold, and one row in 16 copied, with its class and fold; then the decisions.
  const std::int64_t decisions = size.rows * 8;
  const std::int64_t fit =
      std::max(size.rows * 4 + size.train_rows * (size.cols + 1) * 8 / 16, decisions);
  // Rows have a class, a decision and a probability, a curve has as many points at most.
  constexpr std::int64_t scored = 4 + 8 + 8;
  constexpr std::int64_t ranked = 16;
  constexpr std::int64_t curve = 24;
  const std::int64_t training_metrics = size.train_rows * (scored + ranked + curve);
  const std::int64_t test_pictures = test_rows * (scored + curve + ranked + curve);
  const std::int64_t training_pictures =
      test_rows * (scored + curve) + size.train_rows * (scored + curve + ranked + curve);
  const std::int64_t evaluate =
      decisions + std::max({training_metrics, test_pictures, size.tracked ? training_pictures : 0});
  return {always + fit, always + evaluate};
}

std::int64_t resident_bytes(std::int64_t limit, const TrainingSize& size) {
  const TrainingMemory needed = memory_needed(size);
  const std::int64_t most = std::max(needed.fit, needed.evaluate);
  if (limit < most)
    throw UsageError("--memory_limit: found " + std::to_string(limit / bytes_of_mega) + "MB, but " +
                     std::to_string(size.rows) + " rows of " + std::to_string(size.cols) +
                     " features need " + size_text(most) +
                     " beside the features themselves; give as much or more");
  return limit - needed.fit;
}

std::string size_text(std::int64_t bytes) {
  return std::to_string((bytes + bytes_of_mega - 1) / bytes_of_mega) + "MB";
}

}  // namespace gradstep
