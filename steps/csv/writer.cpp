#include <algorithm>
#include <bit>
#include <iterator>

#include "kernels/core/parallel.hpp"
#include "steps/csv/field_print.hpp"
#include "steps/csv/number_print.hpp"
#include "steps/csv/stretch_text.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {
namespace {

// Text that grows; what is written into its room counts once it is taken.
class Buffer {
 public:
  void clear() { size_ = 0; }
  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }
  // At least `bytes` behind the text.
  char* room(std::size_t bytes) {
    if (size_ + bytes > bytes_.size()) bytes_.resize(std::max(size_ + bytes, 2 * bytes_.size()));
    return bytes_.data() + size_;
  }
  void take_until(const char* end) { size_ = static_cast<std::size_t>(end - bytes_.data()); }

 private:
  std::vector<char> bytes_;
  std::size_t size_ = 0;
};

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

// A column within a stretch.
struct StretchColumn {
  CellType type = CellType::float64;
  const std::int64_t* cells = nullptr;  // of the whole table
};

bool is_text(CellType type) { return type == CellType::text || type == CellType::big_int; }

// A missing value has no text.
char* put_number(char* out, CellType type, std::int64_t cell) {
  switch (type) {
    case CellType::int64:
      return print(out, cell);
    case CellType::uint64:
      return print(out, std::bit_cast<std::uint64_t>(cell));
    case CellType::float64:
      return print(out, std::bit_cast<double>(cell));
    default:
      return cell == missing_boolean ? out : put(out, cell == 0 ? "False" : "True");
  }
}

// What one thread works with.
struct Worker {
  Buffer buffer;
  StretchText text;
  std::vector<StretchColumn> columns;
};

void put_cell(Worker& worker, const StretchColumn& column, std::int64_t row) {
  const std::int64_t cell = column.cells[row];
  if (!is_text(column.type)) {
    char* const out = worker.buffer.room(longest_number);
    worker.buffer.take_until(put_number(out, column.type, cell));
  } else if (cell != missing_text) {
    const std::string_view text = worker.text.text(column.type, cell);
    worker.buffer.take_until(put_field(worker.buffer.room(2 * text.size() + 2), text));
  }
}

void put_row(Worker& worker, std::int64_t row) {
  const std::size_t before = worker.buffer.text().size();
  for (const StretchColumn& column : worker.columns) {
    put_cell(worker, column, row);
    worker.buffer.take_until(put(worker.buffer.room(1), ","));
  }
  // The last comma gives way to the line end. A line of one empty field needs quotes: it would be
  // no line at all.
  const std::size_t size = worker.buffer.text().size();
  const bool alone = worker.columns.size() == 1 && size == before + 1;
  const char* const end = worker.buffer.text().data() + size - 1;
  worker.buffer.take_until(end);
  worker.buffer.take_until(put(worker.buffer.room(3), alone ? "\"\"\n" : "\n"));
}

}  // namespace

void Table::write(const std::function<void(std::string_view)>& write, int threads) const {
  write(header_line(columns));
  std::vector<Worker> team(static_cast<std::size_t>(std::max(threads, 1)));
  const auto format = [&](std::int64_t index, int who) {
    Worker& worker = team[static_cast<std::size_t>(who)];
    const Stretch& stretch = stretches_[static_cast<std::size_t>(index)];
    const std::int64_t end = stretch_end(static_cast<std::size_t>(index));
    worker.buffer.clear();
    if (stretch.first_row == end) return;
    worker.columns.clear();
    bool has_text = false;
    for (const Column& column : columns) {
      worker.columns.push_back({column.type_at(stretch.first_row), column.cells.int64().data()});
      has_text |= is_text(worker.columns.back().type);
    }
    if (has_text) worker.text.load(*sources_[static_cast<std::size_t>(stretch.source)], stretch);
    for (std::int64_t row = stretch.first_row; row < end; ++row) put_row(worker, row);
  };
  const auto hand_on = [&](std::int64_t, int who) {
    const std::string_view text = team[static_cast<std::size_t>(who)].buffer.text();
    if (!text.empty()) write(text);
  };
  for_each_in_order(std::ssize(stretches_), threads, format, hand_on);
}

}  // namespace gradstep::csv
