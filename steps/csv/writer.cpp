#include <algorithm>
#include <bit>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/parallel.hpp"
#include "steps/csv/field_print.hpp"
#include "steps/csv/number_print.hpp"
#include "steps/csv/printed_numbers.hpp"
#include "steps/csv/stretch_text.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {
namespace {

std::string header_line(const std::vector<Column>& columns) {
  std::string line;
  for (const Column& column : columns) {
    if (!line.empty()) line += ',';
    const std::size_t size = line.size();
    line.resize(size + 2 * column.name.size() + 2);
    const char* const end = put_field(line.data() + size, column.name);
    line.resize(static_cast<std::size_t>(end - line.data()));
  }
  return line + '\n';
}

bool is_text(CellType type) { return type == CellType::text || type == CellType::big_int; }

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
      : numbers_(columns, PrintedNumbers(entries_a_column(columns))),
        room_for_numbers_(columns * (longest_number + 1) + 3) {}

  /// Prints rows [begin, end) of `columns`, which lie in one stretch.
  /// @param text  of that stretch, where a column holds text
  void print_rows(std::span<const StretchColumn> columns, StretchText& text, std::int64_t begin,
                  std::int64_t end) {
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (columns[i].type == CellType::float64) numbers_[i].start_run();
    size_ = 0;
    for (std::int64_t row = begin; row < end; ++row) print_row(columns, text, row);
  }

  /// What print_rows printed.
  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }
  void clear() { size_ = 0; }

 private:
  // The caches of a thread fit into the second-level cache of its core.
  static std::size_t entries_a_column(std::size_t columns) {
    constexpr std::size_t all = 1 << 15;
    constexpr std::size_t most = 1 << 12;
    const std::size_t entries =
        std::bit_floor(std::min(most, all / std::max<std::size_t>(columns, 1)));
    return entries < 128 ? 0 : entries;
  }

  // Room behind the text at `out` for so many bytes and another row of numbers.
  char* room(char* out, std::size_t bytes) {
    const auto size = static_cast<std::size_t>(out - bytes_.data());
    const std::size_t needed = size + bytes + room_for_numbers_;
    if (needed > bytes_.size()) bytes_.resize(std::max(needed, 2 * bytes_.size()));
    return bytes_.data() + size;
  }

  void print_row(std::span<const StretchColumn> columns, StretchText& text, std::int64_t row) {
    char* out = room(bytes_.data() + size_, 0);
    const std::size_t before = size_;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::int64_t cell = columns[i].cells[row];
      if (!is_text(columns[i].type)) {
        out = put_number(out, columns[i].type, cell, numbers_[i]);
      } else if (cell != missing_text) {
        const std::string_view found = text.text(columns[i].type, cell);
        out = put_field(room(out, 2 * found.size() + 2), found);
      }
      *out++ = ',';
    }
    // The last comma gives way to the line end. A line of one empty field needs quotes: it would
    // be no line at all.
    --out;
    const bool empty = columns.size() == 1 && out == bytes_.data() + before;
    out = put(out, empty ? "\"\"\n" : "\n");
    size_ = static_cast<std::size_t>(out - bytes_.data());
  }

  // A missing value has no text.
  static char* put_number(char* out, CellType type, std::int64_t cell, PrintedNumbers& numbers) {
    switch (type) {
      case CellType::float64:
        return numbers.print(out, cell);
      case CellType::int64:
        return print(out, cell);
      case CellType::uint64:
        return print(out, std::bit_cast<std::uint64_t>(cell));
      default:
        return cell == missing_boolean ? out : put(out, cell == 0 ? "False" : "True");
    }
  }

  std::vector<PrintedNumbers> numbers_;  // of the columns
  std::size_t room_for_numbers_;         // a row's, with commas and line end
  std::vector<char> bytes_;
  std::size_t size_ = 0;
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
  write(header_line(columns), 0);
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
