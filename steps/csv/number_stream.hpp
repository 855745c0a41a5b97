#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {

/// A run of consecutive rows of one file, as numbers. Valid within the call that is handed it.
class NumberRows {
 public:
  NumberRows(std::int64_t rows, std::span<const double* const> columns,
             const std::function<std::string(std::int64_t row)>& place)
      : rows_(rows), columns_(columns), place_(place) {}

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  /// One for each name asked for, of rows() finite values each.
  [[nodiscard]] std::span<const double* const> columns() const { return columns_; }
  /// "<file>:<line>" of a row. Cost: reads the file up to there.
  [[nodiscard]] std::string place(std::int64_t row) const { return place_(row); }

 private:
  std::int64_t rows_;
  std::span<const double* const> columns_;
  const std::function<std::string(std::int64_t row)>& place_;
};

/// What is done with the rows: `work` in parallel, then `check` and `commit` one run at a time, in
/// the order of the rows (kernels/core/parallel.hpp). Of a run with a row that is refused, work and
/// check get the rows before it, so that check can report what is wrong with one of them first.
/// worker: 0 … threads - 1.
struct NumberStages {
  std::function<void(const NumberRows& rows, int worker)> work;
  std::function<void(const NumberRows& rows, int worker)> check = [](const NumberRows&, int) {};
  std::function<void(const NumberRows& rows, int worker)> commit;
};

/// Reads the columns of these names as numbers, whatever the size of the files: what
/// csv::read, Table::to_float64 and a look for NaN and infinity do, but a cell means the same
/// whatever the other cells are. True and False are 1 and 0, in columns of nothing else. Other
/// columns are not looked at.
///
/// @param names    a name may come twice; options.columns is not looked at
/// @param sources  may be read Reading::onwards; their columns may differ in order
/// @throws DataError  as csv::read does; no such column; a value that is missing, infinite or no
///                    number: with file, line, column and what was found; of several the first.
/// @throws IoError    a file cannot be read
/// Memory: a few blocks of text and their cells.
void stream_numbers(const std::vector<std::shared_ptr<const Source>>& sources,
                    const std::vector<std::string>& names, const ReadOptions& options,
                    const NumberStages& stages);

}  // namespace gradstep::csv
