#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gradstep {

/// The size of a training whose columns are on disk.
struct TrainingSize {
  std::int64_t rows = 0;
  std::int64_t cols = 0;  ///< features
  std::int64_t train_rows = 0;
  int threads = 1;
  bool tracked = false;   ///< pictures of the training rows are drawn, too
  bool weighted = false;  ///< each row has a weight
  std::int64_t classes = 2;
};

/// What train-model on a CPU keeps in memory beside the columns, in bytes: the program, a few
/// blocks, and per row the class, the weight, the split, and the most of what the parts need.
struct TrainingMemory {
  std::int64_t fit = 0;
  std::int64_t evaluate = 0;
};

[[nodiscard]] TrainingMemory memory_needed(const TrainingSize& size);

/// Refuses, before any row is read, what is too little for any number of rows.
/// @param limit  of the whole process, in bytes
/// @throws UsageError  naming what `cols` features need at least
void expect_room_for_features(std::int64_t limit, std::int64_t cols);

/// What a limit leaves to the fit.
struct MemoryShare {
  int threads = 1;                  ///< as many as asked for, or as have room
  std::int64_t resident_bytes = 0;  ///< of the columns, that may stay in memory
};

/// @param limit  of the whole process, in bytes
/// @throws UsageError  naming what one thread needs, when `limit` is less
[[nodiscard]] MemoryShare share_memory(std::int64_t limit, const TrainingSize& size);

/// What models that are fitted together take at most, in bytes: matrices of (cols + 1)^2 doubles, a
/// few for each.
[[nodiscard]] std::int64_t memory_of_models(std::int64_t models, std::int64_t cols);

/// @param available  as available_memory() has it: the machine's, where it tells
/// @throws UsageError  naming what --reg_rates, --folds and --features need, when that is more
void expect_room_for_path(std::int64_t rates, std::int64_t folds, std::int64_t cols,
                          std::optional<std::int64_t> available);

/// The same for the models of three classes and more. @throws UsageError
void expect_room_for_classes(std::int64_t classes, std::int64_t cols,
                             std::optional<std::int64_t> available);

/// In units of 1024 * 1024 bytes, rounded up, as --memory_limit takes it: 117MB.
[[nodiscard]] std::string size_text(std::int64_t bytes);

}  // namespace gradstep
