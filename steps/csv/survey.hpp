#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "steps/csv/column_look.hpp"
#include "steps/csv/header.hpp"
#include "steps/csv/source.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {

/// The numbers of a block's rows, while it is read for the first time.
struct SurveyedRows {
  std::span<const double* const> numbers;  ///< of the number columns; NaN: missing
  std::span<const std::uint8_t> keep;      ///< of the rows: 0: dropped
};

struct SurveyOptions {
  std::vector<std::string> numbers;  ///< columns whose numbers are looked at and changed
  bool drop_missing = true;          ///< a row with a missing value, in any column, is dropped
  /// Told of each block: `work` in parallel, then `commit` in the order of the rows.
  /// worker: 0 ... threads - 1.
  std::function<void(const SurveyedRows& rows, int worker)> work;
  std::function<void(const SurveyedRows& rows, int worker)> commit;
};

/// What reading files once tells: enough to write them, read once more, without a table. Instead of
/// eight bytes a cell there are ten bytes a block and column.
///
/// For ordinary tables: files with the same columns, each of one type of int64, float64, boolean or
/// text (int64 in one file and float64 in another are float64), the number columns int64 or
/// float64, none of them an index. What it writes is then what csv::read, Table::drop_rows and
/// Table::write do; other tables have to take that way.
class Survey {
 public:
  /// @return nothing where a table is needed, as soon as that is known; nothing was warned of then
  /// @throws DataError, IoError  what csv::read throws of these files
  static std::optional<Survey> of(std::vector<std::shared_ptr<const Source>> sources,
                                  const SurveyOptions& options, const ReadOptions& read);

  [[nodiscard]] const std::vector<std::string>& names() const { return headers_.front().names; }
  /// The types of the columns, in the order of their names.
  [[nodiscard]] const std::vector<CellType>& types() const { return types_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::int64_t rows_kept() const { return rows_kept_; }

  /// Reads the files again and writes header and kept rows as pandas' to_csv(index=False) does.
  /// @param change  changes a block's numbers in place, each number column of so many rows;
  ///                called from several threads
  /// @param write   as in Table::write
  /// @throws IoError; DataError when a file has changed
  void rewrite(
      const std::function<void(std::span<double* const> numbers, std::int64_t rows)>& change,
      const std::function<void(std::string_view text, std::int64_t rows)>& write,
      int threads) const;

 private:
  friend class Surveyor;
  friend class Rewriter;

  // A column of a block.
  struct Seen {
    BlockColumn found;
    FieldForms forms;
  };
  struct SeenBlock {
    int source = 0;
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int64_t rows = 0;
    std::int64_t kept = 0;
    bool plain = false;  // no quotes, no short record: between fields there are commas only
  };
  [[nodiscard]] const Seen* seen(std::size_t block) const {
    return seen_.data() + block * types_.size();
  }
  [[nodiscard]] const Verdict& verdict(int source, std::size_t column) const {
    return verdicts_[static_cast<std::size_t>(source) * types_.size() + column];
  }

  std::vector<std::shared_ptr<const Source>> sources_;
  std::vector<Header> headers_;
  std::vector<std::size_t> numbers_;  // the number columns' places
  bool drop_missing_ = true;
  std::vector<CellType> types_;
  std::vector<Verdict> verdicts_;  // of each file, of each column
  std::vector<SeenBlock> blocks_;
  std::vector<Seen> seen_;  // of each block, of each column
  std::int64_t rows_ = 0;
  std::int64_t rows_kept_ = 0;
};

}  // namespace gradstep::csv
