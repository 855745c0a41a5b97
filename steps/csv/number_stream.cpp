#include "steps/csv/number_stream.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <string_view>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "steps/csv/blocks.hpp"
#include "steps/csv/column_parse.hpp"
#include "steps/csv/header.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/number_parse.hpp"
#include "steps/csv/python_number.hpp"
#include "steps/csv/records_of_block.hpp"

namespace gradstep::csv {
namespace {

enum class CellKind : std::uint8_t { number, boolean, missing, infinite, text };

// What a cell is, and its value if it has one.
CellKind read_cell(std::string_view field, const char* text, double& value) {
  bool truth = false;
  if (!parse_float64(field, text, value)) {
    if (is_na(field)) return CellKind::missing;
    if (parse_boolean(field, truth)) {
      value = truth ? 1 : 0;
      return CellKind::boolean;
    }
    if (!parse_python_float(field, value)) return CellKind::text;
  }
  if (std::isnan(value)) return CellKind::missing;
  return std::isinf(value) ? CellKind::infinite : CellKind::number;
}

// A column's cells within a block, from the first on all of a kind that has values.
struct NumbersOfColumn {
  CellKind kind = CellKind::number;  // of the first cell
  std::int64_t rows = 0;             // that are of this kind
};

NumbersOfColumn read_column(const ColumnFields& fields, double* values) {
  NumbersOfColumn found;
  for (; found.rows < fields.rows(); ++found.rows) {
    const CellKind kind = read_cell(fields[found.rows], fields.text(), values[found.rows]);
    if (found.rows == 0) found.kind = kind;
    if (kind != found.kind || (kind != CellKind::number && kind != CellKind::boolean)) break;
  }
  return found;
}

std::string refusal(std::string_view field, CellKind of_column) {
  double ignored = 0;
  const char* const text = field.data();  // nothing before the field is read
  switch (read_cell(field, text, ignored)) {
    case CellKind::missing:
      return "the value is missing; prep-data drops such rows";
    case CellKind::infinite:
      return "the value is infinite; a finite number is needed";
    default:
      return "found " + shown(field) + ", expected " +
             (of_column == CellKind::boolean ? "True or False as in the rows before" : "a number");
  }
}

// What one thread works with.
struct Worker {
  Block block;
  Records records;
  std::vector<double> cells;  // of the columns, one after the other
  std::vector<const double*> columns;
  std::vector<NumbersOfColumn> found;
  std::int64_t good_rows = 0;  // before the first that is refused by itself
};

// Streams one file.
class NumberReader {
 public:
  NumberReader(const Source& source, const Header& header, const std::vector<std::string>& names,
               const ReadOptions& options, const NumberStages& stages, std::vector<Worker>& team)
      : source_(source),
        header_(header),
        names_(names),
        options_(options),
        stages_(stages),
        team_(team),
        kinds_(names.size()) {
    for (const std::string& name : names)
      positions_.push_back(std::ranges::find(header.names, name) - header.names.begin() +
                           header.index_columns());
  }

  void read() {
    BlockReader blocks(source_, header_.begin,
                       bytes_of_a_block(options_.block_bytes, options_.threads));
    run_in_order(options_.threads,
                 {[&](std::int64_t, int who) { return blocks.next(member(who).block); },
                  [&](std::int64_t, int who) { work(member(who), who); },
                  [&](std::int64_t, int who) { commit(member(who), who); }});
  }

 private:
  Worker& member(int worker) { return team_[static_cast<std::size_t>(worker)]; }

  [[nodiscard]] ColumnFields fields(const Worker& worker, std::size_t column) const {
    return {worker.records, positions_[column], worker.block.text, worker.block.begin};
  }

  template <class Stage>
  void hand_on(const Stage& stage, const Worker& worker, std::int64_t rows, int who) const {
    const std::function<std::string(std::int64_t)> place_of = [&](std::int64_t row) {
      const Field& first = worker.records.fields()[row * worker.records.width()];
      return place(source_, worker.block.begin + first.begin);
    };
    if (rows > 0) stage(NumberRows(rows, worker.columns, place_of), who);
  }

  void work(Worker& worker, int who) const {
    split_block(source_, header_, worker.block, worker.records);
    const auto rows = static_cast<std::size_t>(worker.records.rows());
    worker.cells.resize(std::max(worker.cells.size(), rows * positions_.size()));
    worker.columns.clear();
    worker.found.clear();
    worker.good_rows = worker.records.rows();
    for (std::size_t c = 0; c < positions_.size(); ++c) {
      double* const values = worker.cells.data() + c * rows;
      worker.columns.push_back(values);
      worker.found.push_back(read_column(fields(worker, c), values));
      worker.good_rows = std::min(worker.good_rows, worker.found[c].rows);
    }
    hand_on(stages_.work, worker, worker.good_rows, who);
  }

  void commit(const Worker& worker, int who) {
    options_.progress(std::ssize(worker.block.text));
    if (worker.records.rows() > 0) expect_one_kind(worker, who);
    hand_on(stages_.commit, worker, worker.records.rows(), who);
    source_.forget(worker.block.begin + std::ssize(worker.block.text));
  }

  // Every column of the kind that its first cell in the file has. Of all cells that are not, the
  // first is reported, so that the message depends on the file only.
  void expect_one_kind(const Worker& worker, int who) {
    std::int64_t good_rows = worker.good_rows;
    for (std::size_t c = 0; c < kinds_.size(); ++c)
      if (kinds_[c].value_or(worker.found[c].kind) != worker.found[c].kind) good_rows = 0;
    hand_on(stages_.check, worker, good_rows, who);
    for (std::size_t c = 0; c < kinds_.size(); ++c) {
      const CellKind kind = kinds_[c].value_or(worker.found[c].kind);
      const std::int64_t of_column = kind == worker.found[c].kind ? worker.found[c].rows : 0;
      if (good_rows < worker.records.rows() && of_column == good_rows)
        refuse(worker, c, good_rows, kind);
      kinds_[c] = kind;
    }
  }

  [[noreturn]] void refuse(const Worker& worker, std::size_t column, std::int64_t row,
                           CellKind of_column) const {
    const ColumnFields cells = fields(worker, column);
    throw DataError(place(source_, cells.offset(row)) + ": column " + shown(names_[column]) + ": " +
                    refusal(cells[row], of_column));
  }

  const Source& source_;
  const Header& header_;
  const std::vector<std::string>& names_;
  const ReadOptions& options_;
  const NumberStages& stages_;
  std::vector<Worker>& team_;
  std::vector<std::int64_t> positions_;         // of the columns, within a record
  std::vector<std::optional<CellKind>> kinds_;  // of the columns; none before the first row
};

// Every file with rows must have every column, and one file at least.
void expect_columns(const std::vector<std::shared_ptr<const Source>>& sources,
                    const std::vector<Header>& headers, const std::vector<std::string>& names) {
  const auto has = [](const Header& header, const std::string& name) {
    return std::ranges::count(header.names, name) > 0;
  };
  for (const std::string& name : names) {
    if (std::ranges::none_of(headers, [&](const Header& header) { return has(header, name); }))
      throw no_such_column(sources, name, all_names(headers));
    for (std::size_t file = 0; file < headers.size(); ++file)
      if (headers[file].first_row >= 0 && !has(headers[file], name))
        throw no_such_column({sources[file]}, name, headers[file].names);
  }
}

}  // namespace

void stream_numbers(const std::vector<std::shared_ptr<const Source>>& sources,
                    const std::vector<std::string>& names, const ReadOptions& options,
                    const NumberStages& stages) {
  std::vector<Header> headers;
  for (const auto& source : sources) {
    headers.push_back(read_header(*source, options.block_bytes));
    if (headers.back().index_columns() > 0) options.warn(index_warning(*source, headers.back()));
  }
  expect_columns(sources, headers, names);
  std::vector<Worker> team(static_cast<std::size_t>(std::max(options.threads, 1)));
  for (std::size_t file = 0; file < sources.size(); ++file)
    if (headers[file].first_row >= 0)
      NumberReader(*sources[file], headers[file], names, options, stages, team).read();
}

}  // namespace gradstep::csv
