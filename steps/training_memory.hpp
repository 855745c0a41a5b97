#pragma once

#include <cstdint>
#include <string>

namespace gradstep {

/// The size of a training whose columns are on disk.
struct TrainingSize {
  std::int64_t rows = 0;
  std::int64_t cols = 0;  ///< features
  std::int64_t train_rows = 0;
  int threads = 1;
  bool tracked = false;  ///< pictures of the training rows are drawn, too
};

/// What train-model on a CPU keeps in memory beside the columns, in bytes: the program, a few
/// blocks, and per row the class, the split, and the most of what the parts need.
struct TrainingMemory {
  std::int64_t fit = 0;
  std::int64_t evaluate = 0;
};

[[nodiscard]] TrainingMemory memory_needed(const TrainingSize& size);

/// How many bytes of the columns may stay in memory during the fit.
/// @param limit  of the whole process, in bytes
/// @throws UsageError  naming what is needed, when `limit` is less
[[nodiscard]] std::int64_t resident_bytes(std::int64_t limit, const TrainingSize& size);

/// In units of 1024 * 1024 bytes, rounded up, as --memory_limit takes it: 117MB.
[[nodiscard]] std::string size_text(std::int64_t bytes);

}  // namespace gradstep
