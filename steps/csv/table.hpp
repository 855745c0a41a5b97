#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "steps/csv/cells.hpp"
#include "steps/csv/source.hpp"

namespace gradstep::csv {

/// What a cell's eight bytes hold. pandas' dtypes, with its `object` told apart.
enum class CellType {
  int64,    ///< never missing
  uint64,   ///< never missing
  float64,  ///< NaN: missing
  boolean,  ///< 0, 1; 2: missing
  text,     ///< where the field starts in its file, or missing_text
  big_int,  ///< like text; a Python int of any length, printed without sign '+', zeros, underscores
};

/// Rows of a column from first_row to the next segment's. A column has one type and one segment,
/// unless it is pandas' `object` made of several files whose types have no common one.
struct Segment {
  std::int64_t first_row = 0;
  CellType type = CellType::float64;
};

struct Column {
  std::string name;
  Cells cells;                    ///< length Table::rows, eight bytes each
  std::vector<Segment> segments;  ///< by first_row, the first at 0

  /// The type of the cell of that row.
  [[nodiscard]] CellType type_at(std::int64_t row) const;
  /// True when every segment is float64, so that cells.float64() may be called.
  [[nodiscard]] bool is_float64() const;
};

/// A place in a file, as a person looks for it. line counts from 1 and the header is on line 1.
struct Location {
  std::string file;
  std::int64_t line = 0;
};

/// A stretch of a file whose records became rows [first_row, the next stretch's first_row).
struct Stretch {
  int source = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t first_row = 0;
};

/// A data frame: numbers in memory or in temporary files, text in the files it was read from (which
/// stay open).
class Table {
 public:
  std::vector<Column> columns;

  [[nodiscard]] std::int64_t rows() const { return rows_; }

  /// The column of that name. @throws DataError naming the file and the columns there are
  [[nodiscard]] Column& find(std::string_view name);

  /// Clears keep[r] where a cell of row r is missing, in any column. keep: length rows().
  void mark_missing(std::span<std::uint8_t> keep, int threads) const;

  /// Makes `column` float64, in place, as Python's float() converts each value; missing: NaN.
  /// Rows with keep[r] == 0 become NaN unread; an empty `keep` keeps all.
  /// @throws DataError with file, line, column and text of the first value that is no number
  void to_float64(Column& column, std::span<const std::uint8_t> keep, int threads);

  /// Calls `visit` with the text of the first `rows` cells as to_csv would print it (unquoted), in
  /// their order; a missing cell has no text.
  void visit_text(const Column& column, std::int64_t rows,
                  const std::function<void(std::int64_t row, std::optional<std::string_view> text)>&
                      visit) const;

  /// Tells the table that rows with keep[r] == 0 are gone, after the cells of the others have been
  /// moved to the front of every column (kernels/prepare.hpp).
  void drop_rows(std::span<const std::uint8_t> keep);

  /// Where row r stands in its file. Before drop_rows only. Cost: reads the file up to there.
  [[nodiscard]] Location locate(std::int64_t row) const;

  /// Writes header and rows as pandas' to_csv(index=False) does. Reads the files again where a
  /// column holds text.
  /// @param write  gets the text in order, in pieces of a few blocks' size, with the number of rows
  ///               that it ends after
  void write(const std::function<void(std::string_view text, std::int64_t rows)>& write,
             int threads) const;

 private:
  friend class Reader;
  [[nodiscard]] std::int64_t stretch_end(std::size_t stretch) const;
  [[nodiscard]] std::size_t stretch_of(std::int64_t row) const;

  std::int64_t rows_ = 0;
  std::vector<std::shared_ptr<const Source>> sources_;
  std::vector<Stretch> stretches_;
};

struct ReadOptions {
  std::optional<std::vector<std::string>> columns;  ///< keep these only; nullopt: all
  int threads = 1;
  CellPlace cells_in = CellPlace::memory;  ///< the result is the same
  std::int64_t block_bytes = 1 << 18;      ///< how much is read at a time; the result is the same
  /// Told of what pandas does silently and nobody wants, with file and line.
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  /// Told of each block how many bytes it had, one call at a time; see Source::size().
  std::function<void(std::int64_t bytes)> progress = [](std::int64_t) {};
};

/// pandas' read_csv on each source with types inferred over the whole file, then pandas.concat.
///
/// Memory: 8 bytes a cell and a few blocks of text, whatever the types. With cells in temporary
/// files: those blocks, 16 MB of cells on their way to the disk, and one column at a time where
/// several files are joined.
/// @throws DataError  what pandas refuses: no columns, a row longer than the first, a quote that is
///                    not closed, bytes that are not UTF-8; with file and line
/// @throws IoError    a file cannot be read, or a temporary one not be written
/// Source: pandas 3.1, `read_csv` (engine c) and `concat`; checked byte for byte by the tests.
[[nodiscard]] Table read(const std::vector<std::shared_ptr<const Source>>& sources,
                         const ReadOptions& options);

}  // namespace gradstep::csv
