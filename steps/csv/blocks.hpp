#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "steps/csv/source.hpp"

namespace gradstep::csv {

/// Where the last record that is whole in `text` ends; 0 when none is known to. `text` starts with
/// a record, and more text follows it.
[[nodiscard]] std::int64_t last_record_end(std::string_view text);

/// Whole records, as they stand in a file from `begin` on.
struct Block {
  std::vector<char> text;
  std::int64_t begin = 0;
};

/// Hands out a file's records in blocks, in order.
class BlockReader {
 public:
  /// @param source       must outlive the reader
  /// @param begin        where the first record starts
  /// @param block_bytes  about how long a block is; longer only where one record is
  BlockReader(const Source& source, std::int64_t begin, std::int64_t block_bytes);

  /// Reads the next block; false at the file's end. @throws IoError; DataError for a record longer
  /// than longest_block
  [[nodiscard]] bool next(Block& block);

 private:
  const Source& source_;
  std::int64_t offset_;
  std::int64_t block_bytes_;
  bool at_end_ = false;
};

/// How long blocks are when `threads` work on them: a worker holds a block's text, fields and
/// cells, a dozen times its bytes or more, so many workers get smaller blocks than the `wanted`
/// that a few would get.
[[nodiscard]] std::int64_t bytes_of_a_block(std::int64_t wanted, int threads);

/// Reads again what a block held. @throws IoError; DataError when the file has changed
void read_again(const Source& source, std::int64_t begin, std::int64_t end,
                std::vector<char>& text);

}  // namespace gradstep::csv
