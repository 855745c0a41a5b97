#include "steps/training_memory.hpp"

#include <algorithm>

#include "kernels/row_blocks.hpp"
#include "steps/error.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t bytes_of_mega = 1 << 20;
constexpr std::int64_t program =
    48 * bytes_of_mega;  // with the libraries that draw, and CSV blocks

std::int64_t most(const TrainingMemory& needed) { return std::max(needed.fit, needed.evaluate); }

std::string found(std::int64_t limit) {
  constexpr std::int64_t kilo = 1 << 10;
  return "--memory_limit: found " + (limit < kilo ? std::to_string(limit) + " bytes"
                                     : limit < bytes_of_mega
                                         ? std::to_string(limit / kilo) + "KB"
                                         : std::to_string(limit / bytes_of_mega) + "MB");
}

}  // namespace

std::int64_t memory_of_models(std::int64_t models, std::int64_t cols) {
  // The Hessian and its factor; the same again where a model has to be fitted alone after all; and
  // those of the starts. 3.6 to 4.5 measured.
  constexpr double matrices_a_model = 4.5;
  const auto values = static_cast<double>(cols + 1);
  const double bytes = matrices_a_model * static_cast<double>(models) * values * values * 8;
  return static_cast<std::int64_t>(std::min(bytes, 0x1p62));
}

TrainingMemory memory_needed(const TrainingSize& size) {
  const std::int64_t values = size.cols + 1;
  const std::int64_t weight = size.weighted ? 8 : 0;
  const std::int64_t test_rows = size.rows - size.train_rows;
  const std::int64_t blocks =
      (size.rows + RowBlocks::rows_per_block - 1) / RowBlocks::rows_per_block;
  const std::int64_t workers =
      std::clamp<std::int64_t>(size.threads, 1, std::max<std::int64_t>(blocks, 1));
  // A block that is worked on and one that is asked for, and the sums over it.
  const std::int64_t of_a_thread =
      (2 * std::min(RowBlocks::rows_per_block, size.rows) * size.cols + 2 * values * values) * 8;
  const std::int64_t models = size.classes > 2 ? size.classes : 1;
  const std::int64_t always = program + workers * of_a_thread +
                              memory_of_models(models, size.cols) +
                              size.rows * (4 + 8 + weight);  // the class, the split, the weight
  // The fold, and one row in 16 copied, with its class, fold and weight; then the decisions.
  const std::int64_t decisions = size.rows * 8 * models;
  const std::int64_t fit =
      std::max(size.rows * 4 + size.train_rows * ((size.cols + 1) * 8 + weight) / 16, decisions);
  // Rows have a class, decisions and probabilities, a curve has as many points at most. Three
  // classes and more have a curve each, made from flags.
  const std::int64_t scored = 4 + (8 + 8) * models;
  const std::int64_t ranked = size.classes > 2 ? 16 + 4 : 16;
  const std::int64_t curve = 24 * models;
  const std::int64_t training_metrics = size.train_rows * (scored + ranked + curve);
  const std::int64_t test_pictures = test_rows * (scored + curve + ranked + curve);
  const std::int64_t training_pictures =
      test_rows * (scored + curve) + size.train_rows * (scored + curve + ranked + curve);
  const std::int64_t evaluate =
      decisions + std::max({training_metrics, test_pictures, size.tracked ? training_pictures : 0});
  return {always + fit, always + evaluate};
}

void expect_room_for_features(std::int64_t limit, std::int64_t cols) {
  const std::int64_t least = most(memory_needed({.cols = cols}));
  if (limit < least)
    throw UsageError(found(limit) + ", but " + std::to_string(cols) + " features need " +
                     size_text(least) + " and more, however few rows there are; give more");
}

MemoryShare share_memory(std::int64_t limit, const TrainingSize& size) {
  TrainingSize of_share = size;
  while (of_share.threads > 1 && limit < most(memory_needed(of_share))) --of_share.threads;
  const TrainingMemory needed = memory_needed(of_share);
  if (limit < most(needed))
    throw UsageError(found(limit) + ", but " + std::to_string(size.rows) + " rows of " +
                     std::to_string(size.cols) + " features need " + size_text(most(needed)) +
                     " beside the features themselves; give as much or more");
  return {of_share.threads, limit - needed.fit};
}

void expect_room_for_path(std::int64_t rates, std::int64_t folds, std::int64_t cols,
                          std::optional<std::int64_t> available) {
  const std::int64_t needed = memory_of_models(rates * (folds + 1), cols);
  if (!available || needed <= *available) return;
  throw UsageError("--reg_rates: " + std::to_string(rates) + " rates, " + std::to_string(folds) +
                   " folds and " + std::to_string(cols) + " features need up to " +
                   size_text(needed) + ", but " + size_text(*available) +
                   " of memory are available; give fewer of --reg_rates, --folds or --features");
}

void expect_room_for_classes(std::int64_t classes, std::int64_t cols,
                             std::optional<std::int64_t> available) {
  const std::int64_t needed = classes > 2 ? memory_of_models(classes, cols) : 0;
  if (!available || needed <= *available) return;
  throw UsageError("--features: " + std::to_string(cols) + " features and " +
                   std::to_string(classes) + " classes of the label need up to " +
                   size_text(needed) + ", but " + size_text(*available) +
                   " of memory are available; give fewer");
}

std::string size_text(std::int64_t bytes) {
  return std::to_string((bytes + bytes_of_mega - 1) / bytes_of_mega) + "MB";
}

}  // namespace gradstep
