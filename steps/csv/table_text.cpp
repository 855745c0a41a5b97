// What a table does with the text of its cells: to_float64 and visit_text.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>
#include <limits>

#include "kernels/core/parallel.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/number_print.hpp"
#include "steps/csv/python_number.hpp"
#include "steps/csv/stretch_text.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {
namespace {

bool is_text(CellType type) { return type == CellType::text || type == CellType::big_int; }

double number_of(CellType type, std::int64_t cell) {
  if (type == CellType::float64) return std::bit_cast<double>(cell);
  if (type == CellType::uint64) return static_cast<double>(std::bit_cast<std::uint64_t>(cell));
  return static_cast<double>(cell);
}

// Python's float() of a text or of a Python int. `text` holds the cell's stretch.
double number_in_text(const Source& source, const Column& column, CellType type, std::int64_t cell,
                      StretchText& text) {
  const std::string_view found = text.text(type, cell);
  double value = 0;
  const bool number = parse_python_float(found, value);
  if (number && !(type == CellType::big_int && std::isinf(value))) return value;
  throw DataError(place(source, cell) + ": column " + shown(column.name) + ": found " +
                  shown(found) + ", expected a number" +
                  (number ? " that fits into a float64" : ""));
}

std::string_view text_of_number(CellType type, std::int64_t cell,
                                std::array<char, longest_number>& buffer) {
  char* const begin = buffer.data();
  const char* end = begin;
  if (type == CellType::int64) end = print(begin, cell);
  if (type == CellType::uint64) end = print(begin, std::bit_cast<std::uint64_t>(cell));
  if (type == CellType::float64) end = print(begin, std::bit_cast<double>(cell));
  return {begin, static_cast<std::size_t>(end - begin)};
}

bool is_missing(CellType type, std::int64_t cell) {
  return (is_text(type) && cell == missing_text) ||
         (type == CellType::boolean && cell == missing_boolean) ||
         (type == CellType::float64 && std::isnan(std::bit_cast<double>(cell)));
}

}  // namespace

void Table::to_float64(Column& column, std::span<const std::uint8_t> keep, int threads) {
  if (column.is_float64() && keep.empty()) return;
  std::vector<StretchText> texts(static_cast<std::size_t>(std::max(threads, 1)));
  const ReadInOrder in_order(column.cells);
  const std::span<std::int64_t> cells = column.cells.int64();
  const auto convert = [&](std::int64_t index, int worker) {
    const Stretch& stretch = stretches_[static_cast<std::size_t>(index)];
    const std::int64_t end = stretch_end(static_cast<std::size_t>(index));
    if (stretch.first_row == end) return;
    const CellType type = column.type_at(stretch.first_row);
    const Source& source = *sources_[static_cast<std::size_t>(stretch.source)];
    StretchText& text = texts[static_cast<std::size_t>(worker)];
    if (is_text(type)) text.load(source, stretch);
    for (auto row = static_cast<std::size_t>(stretch.first_row);
         row < static_cast<std::size_t>(end); ++row) {
      const bool wanted = (keep.empty() || keep[row] != 0) && !is_missing(type, cells[row]);
      double value = std::numeric_limits<double>::quiet_NaN();
      if (wanted)
        value = is_text(type) ? number_in_text(source, column, type, cells[row], text)
                              : number_of(type, cells[row]);
      cells[row] = std::bit_cast<std::int64_t>(value);
    }
  };
  for_each_in_order(std::ssize(stretches_), threads, convert, [](std::int64_t, int) {});
  column.cells.evict(0, rows_);
  column.segments.assign(1, {0, CellType::float64});
}

void Table::visit_text(
    const Column& column, std::int64_t rows,
    const std::function<void(std::int64_t row, std::optional<std::string_view> text)>& visit)
    const {
  StretchText text;
  std::array<char, longest_number> buffer;
  for (std::size_t index = 0; index < stretches_.size(); ++index) {
    const Stretch& stretch = stretches_[index];
    const std::int64_t end = std::min(stretch_end(index), rows);
    if (stretch.first_row >= end) continue;
    const CellType type = column.type_at(stretch.first_row);
    if (is_text(type)) text.load(*sources_[static_cast<std::size_t>(stretch.source)], stretch);
    for (std::int64_t row = stretch.first_row; row < end; ++row) {
      const std::int64_t cell = column.cells.int64()[static_cast<std::size_t>(row)];
      if (is_missing(type, cell))
        visit(row, std::nullopt);
      else if (is_text(type))
        visit(row, text.text(type, cell));
      else if (type == CellType::boolean)
        visit(row, cell == 0 ? "False" : "True");
      else
        visit(row, text_of_number(type, cell, buffer));
    }
  }
}

}  // namespace gradstep::csv
