#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "steps/csv/blocks.hpp"
#include "steps/csv/column_parse.hpp"
#include "steps/csv/header.hpp"
#include "steps/csv/table.hpp"
#include "steps/csv/type_inference.hpp"

namespace gradstep::csv {

/// A column of a file that is kept.
struct KeptColumn {
  Column* column = nullptr;   ///< whose cells it is appended to
  std::int64_t position = 0;  ///< among the names of the header
  Verdict verdict;            ///< out: its type in this file
  bool missing = false;       ///< out: a value is missing
};

/// Reads one file's records behind the cells its columns already have.
///
/// One pass over the file, in blocks: each block is parsed as what its own fields suggest. At the
/// end the whole file's type is known; blocks parsed as another type are converted, or, where that
/// would not be exact, read again.
class FileReader {
 public:
  /// @param first_row  how many rows are in the table already
  FileReader(const Source& source, const Header& header, std::vector<KeptColumn> columns,
             std::int64_t first_row, const ReadOptions& options);

  /// @throws DataError, IoError as csv::read does
  void read();

  [[nodiscard]] const std::vector<KeptColumn>& columns() const { return columns_; }
  /// The number of rows in the table now.
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// Which parts of the file became which rows; `source` is left at 0.
  [[nodiscard]] const std::vector<Stretch>& stretches() const { return stretches_; }

 private:
  // What one thread works with.
  struct Worker {
    Block block;
    Records records;
    std::vector<std::int64_t> cells;  // of the kept columns, one after the other
    std::vector<BlockColumn> found;
    std::vector<LargeInts> large;
  };

  void read_blocks();
  void parse(Worker& worker) const;
  void keep(const Worker& worker);
  void judge_large_ints();
  void finish();
  void ask_for_unfinished(std::size_t first) const;
  [[nodiscard]] std::size_t first_unfinished(std::size_t column, std::size_t first,
                                             std::size_t end) const;
  void finish_stretch(std::size_t stretch, Worker& worker) const;
  void write_back_before(std::int64_t row, std::int64_t least_bytes);

  [[nodiscard]] ColumnFields fields(const Worker& worker, std::size_t column) const;
  void load(std::size_t stretch, Worker& worker) const;
  [[nodiscard]] std::span<std::int64_t> cells(std::size_t stretch, std::size_t column) const;
  [[nodiscard]] std::int64_t rows_in(std::size_t stretch) const;
  [[nodiscard]] const BlockColumn& found(std::size_t stretch, std::size_t column) const {
    return found_[stretch * columns_.size() + column];
  }
  [[nodiscard]] std::vector<Worker> workers() const;

  const Source& source_;
  const Header& header_;
  const ReadOptions& options_;
  std::vector<KeptColumn> columns_;
  std::int64_t rows_;
  std::int64_t written_back_;          // rows before it are on their way to the disk
  std::vector<const Cells*> written_;  // the columns whose cells are being written
  std::vector<Stretch> stretches_;
  std::vector<BlockColumn> found_;  // of each stretch, of each column
  std::vector<ColumnTypes> types_;
  std::vector<std::atomic<Start>> starts_;  // where blocks still to come may start
};

}  // namespace gradstep::csv
