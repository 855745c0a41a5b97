#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {

struct Surveyed;

/// The numbers of a block's rows, while it is read for the first time.
struct SurveyedRows {
  std::span<const double* const> numbers;  ///< of the number columns; NaN: missing
  std::span<const std::uint8_t> keep;      ///< of the rows: 0: dropped
};

struct SurveyOptions {
  std::vector<std::string> numbers;  ///< columns whose numbers are looked at and changed
  bool drop_missing = true;          ///< a row with a missing value, in any column, is dropped
  /// Told of each block by worker 0 ... threads - 1: `work` in parallel, then `commit` in the order
  /// of the rows. Where a table is needed in the end, some blocks were told of in vain.
  std::function<void(const SurveyedRows& rows, int worker)> work = [](const auto&, int) {};
  std::function<void(const SurveyedRows& rows, int worker)> commit = [](const auto&, int) {};
};

/// What reading files once tells: enough to write them, read once more, without a table. Memory is
/// some megabytes of blocks, and a byte a block and column instead of eight a cell. A file that is
/// not in the system's cache is fetched twice.
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

  [[nodiscard]] const std::vector<std::string>& names() const;
  /// The types of the columns, in the order of their names.
  [[nodiscard]] const std::vector<CellType>& types() const;
  [[nodiscard]] std::int64_t rows() const;
  [[nodiscard]] std::int64_t rows_kept() const;

  /// Reads the files again and writes header and kept rows as pandas' to_csv(index=False) does.
  /// @param change  changes values of SurveyOptions::numbers[number] in place, each by itself:
  ///                what was equal stays equal; called from several threads
  /// @param write   as in Table::write
  /// @throws IoError; DataError when a file has changed
  void rewrite(const std::function<void(std::size_t number, std::span<double> values)>& change,
               const std::function<void(std::string_view text, std::int64_t rows)>& write,
               int threads) const;

 private:
  explicit Survey(std::shared_ptr<const Surveyed> found) : found_(std::move(found)) {}

  std::shared_ptr<const Surveyed> found_;
};

}  // namespace gradstep::csv
