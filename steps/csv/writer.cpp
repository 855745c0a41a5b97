#include <algorithm>
#include <bit>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "steps/csv/field_print.hpp"
#include "steps/csv/printed_numbers.hpp"
#include "steps/csv/row_text.hpp"
#include "steps/csv/stretch_text.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {
namespace {

bool is_text(CellType type) { return type == CellType::text || type == CellType::big_int; }

// How many texts each of so many columns may remember: the caches of a thread fit into the
// second-level cache of its core.
std::size_t remembered_numbers(std::size_t columns) {
  constexpr std::size_t all = 1 << 15;
  constexpr std::size_t most = 1 << 12;
  const std::size_t entries =
      std::bit_floor(std::min(most, all / std::max<std::size_t>(columns, 1)));
  return entries < 128 ? 0 : entries;
}

// A column within a stretch.
struct StretchColumn {
  CellType type = CellType::float64;
  const std::int64_t* cells = nullptr;  // of the whole table
};

// Prints the rows of one stretch after the other, each into a text of its own.
class RowPrinter {
 public:
  /// @param columns  how many the table has
  explicit RowPrinter(std::size_t columns)
      : numbers_(columns, PrintedNumbers(remembered_numbers(columns))), rows_(columns) {}

  /// Prints rows [begin, end) of `columns`, which lie in one stretch.
  /// @param text  of that stretch, where a column holds text
  void print_rows(std::span<const StretchColumn> columns, StretchText& text, std::int64_t begin,
                  std::int64_t end) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (columns[i].type == CellType::float64) numbers_[i].start_run();
    rows_.clear();
    for (std::int64_t row = begin; row < end; ++row) print_row(columns, text, row);
  }

  /// What print_rows printed.
  [[nodiscard]] std::string_view text() const { return rows_.text(); }
  void clear() { rows_.clear(); }

 private:
  void print_row(std::span<const StretchColumn> columns, StretchText& text, std::int64_t row) {
    char* out = rows_.start_row();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::int64_t cell = columns[i].cells[row];
      if (columns[i].type == CellType::float64) {
        out = numbers_[i].print(out, cell);
      } else if (!is_text(columns[i].type)) {
        out = put_cell(out, columns[i].type, cell);
      } else if (cell != missing_text) {
        const std::string_view found = text.text(columns[i].type, cell);
        out = put_field(rows_.room(out, 2 * found.size() + 2), found);
      }
      *out++ = ',';
    }
    rows_.end_row(out, columns.size());
  }

  std::vector<PrintedNumbers> numbers_;  // of the columns
  RowText rows_;
};

// What one thread works with.
struct Worker {
  RowPrinter printer;
  StretchText text;
  std::vector<StretchColumn> columns;
};

}  // namespace

void Table::write(const std::function<void(std::string_view text, std::int64_t rows)>& write,
                  int threads) const {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const Column& column : columns) names.push_back(column.name);
  write(header_line(names), 0);
  std::vector<Worker> team(static_cast<std::size_t>(std::max(threads, 1)),
                           {RowPrinter(columns.size()), {}, {}});
  const auto format = [&](std::int64_t index, int who) {
    Worker& worker = team[static_cast<std::size_t>(who)];
    const Stretch& stretch = stretches_[static_cast<std::size_t>(index)];
    const std::int64_t end = stretch_end(static_cast<std::size_t>(index));
    worker.printer.clear();
    if (stretch.first_row == end) return;
    worker.columns.clear();
    bool has_text = false;
    for (const Column& column : columns) {
      worker.columns.push_back({column.type_at(stretch.first_row), column.cells.int64().data()});
      has_text |= is_text(worker.columns.back().type);
    }
    if (has_text) worker.text.load(*sources_[static_cast<std::size_t>(stretch.source)], stretch);
    worker.printer.print_rows(worker.columns, worker.text, stretch.first_row, end);
  };
  const auto hand_on = [&](std::int64_t index, int who) {
    const std::string_view text = team[static_cast<std::size_t>(who)].printer.text();
    if (!text.empty()) write(text, stretch_end(static_cast<std::size_t>(index)));
  };
  for_each_in_order(std::ssize(stretches_), threads, format, hand_on);
}

}  // namespace gradstep::csv
