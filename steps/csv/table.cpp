#include "steps/csv/table.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "kernels/core/parallel.hpp"
#include "steps/csv/blocks.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/tokenizer.hpp"

namespace gradstep::csv {
namespace {

// Counts kept rows; asked about rows in ascending order.
class KeptRows {
 public:
  explicit KeptRows(std::span<const std::uint8_t> keep) : keep_(keep) {}
  std::int64_t before(std::int64_t row) {
    for (; row_ < row; ++row_) kept_ += keep_[static_cast<std::size_t>(row_)] != 0 ? 1 : 0;
    return kept_;
  }

 private:
  std::span<const std::uint8_t> keep_;
  std::int64_t row_ = 0;
  std::int64_t kept_ = 0;
};

void mark_missing_cells(const Column& column, std::int64_t begin, std::int64_t end, CellType type,
                        std::span<std::uint8_t> keep) {
  const auto mark = [&](auto cells, auto is_missing) {
    for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row)
      if (is_missing(cells[row])) keep[row] = 0;
  };
  switch (type) {
    case CellType::int64:
    case CellType::uint64:
      return;
    case CellType::float64:
      return mark(column.cells.float64(), [](double value) { return std::isnan(value); });
    case CellType::boolean:
      return mark(column.cells.int64(), [](std::int64_t cell) { return cell == missing_boolean; });
    case CellType::text:
    case CellType::big_int:
      return mark(column.cells.int64(), [](std::int64_t cell) { return cell == missing_text; });
  }
}

}  // namespace

CellType Column::type_at(std::int64_t row) const {
  const auto behind = std::ranges::upper_bound(segments, row, {}, &Segment::first_row);
  return std::prev(behind)->type;
}

bool Column::is_float64() const {
  return std::ranges::all_of(
      segments, [](const Segment& segment) { return segment.type == CellType::float64; });
}

Column& Table::find(std::string_view name) {
  const auto found = std::ranges::find(columns, name, &Column::name);
  if (found != columns.end()) return *found;
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const Column& column : columns) names.push_back(column.name);
  throw no_such_column(sources_, name, names);
}

void Table::mark_missing(std::span<std::uint8_t> keep, int threads) const {
  constexpr std::int64_t rows_at_once = 1 << 16;
  const auto mark = [&](std::int64_t index, int) {
    const std::int64_t begin = index * rows_at_once;
    const std::int64_t end = std::min(rows_, begin + rows_at_once);
    for (const Column& column : columns) {
      for (std::size_t i = 0; i < column.segments.size(); ++i) {
        const std::int64_t behind =
            i + 1 < column.segments.size() ? column.segments[i + 1].first_row : rows_;
        mark_missing_cells(column, std::max(begin, column.segments[i].first_row),
                           std::min(end, behind), column.segments[i].type, keep);
      }
    }
  };
  for_each_in_order((rows_ + rows_at_once - 1) / rows_at_once, threads, mark,
                    [](std::int64_t, int) {});
}

void Table::drop_rows(std::span<const std::uint8_t> keep) {
  KeptRows kept(keep);
  for (Stretch& stretch : stretches_) stretch.first_row = kept.before(stretch.first_row);
  rows_ = kept.before(rows_);
  for (Column& column : columns) {
    column.cells.shrink(rows_);
    KeptRows of_column(keep);
    for (Segment& segment : column.segments)
      segment.first_row = of_column.before(segment.first_row);
  }
}

Location Table::locate(std::int64_t row) const {
  const Stretch& stretch = stretches_[stretch_of(row)];
  const Source& source = *sources_[static_cast<std::size_t>(stretch.source)];
  std::vector<char> text;
  read_again(source, stretch.begin, stretch.end, text);
  const char* const end = text.data() + text.size();
  const char* at = skip_empty_lines(text.data(), end);
  for (std::int64_t earlier = stretch.first_row; earlier < row; ++earlier) {
    at = split_record(text.data(), at, end, [](Field, const char*) {});
    if (at == nullptr || at == end) throw changed_while_read(source);
    at = skip_empty_lines(at, end);
  }
  return {source.name(), source.line_at(stretch.begin + (at - text.data()))};
}

std::int64_t Table::stretch_end(std::size_t stretch) const {
  return stretch + 1 < stretches_.size() ? stretches_[stretch + 1].first_row : rows_;
}

std::size_t Table::stretch_of(std::int64_t row) const {
  const auto behind = std::ranges::upper_bound(stretches_, row, {}, &Stretch::first_row);
  return static_cast<std::size_t>(std::prev(behind) - stretches_.begin());
}

}  // namespace gradstep::csv
