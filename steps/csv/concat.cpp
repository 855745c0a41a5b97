#include "steps/csv/concat.hpp"

#include <algorithm>
#include <bit>
#include <optional>

namespace gradstep::csv {
namespace {

// A missing value makes a column of booleans pandas' `object`.
bool is_object(const Part& part) {
  const bool plain_boolean = part.type == CellType::boolean && !part.missing;
  return part.empty || part.type == CellType::text || part.type == CellType::big_int ||
         (part.type == CellType::boolean && !plain_boolean);
}

// The type all parts are converted to; nullopt: each keeps its own.
std::optional<CellType> common_type(std::span<const Part> parts) {
  const auto any = [parts](auto holds) { return std::ranges::any_of(parts, holds); };
  const auto has = [any](CellType type) {
    return any([type](const Part& part) { return !part.absent && part.type == type; });
  };
  const bool absent = any([](const Part& part) { return part.absent; });
  if (any(is_object)) return std::nullopt;
  if (has(CellType::boolean)) {
    // Quirk: booleans become numbers, but not objects where a file lacks the column; beside floats
    // only when the first file holds floats.
    if (absent) return std::nullopt;
    if (has(CellType::float64) && parts.front().type != CellType::float64) return std::nullopt;
  }
  const bool int64 = has(CellType::int64);
  const bool uint64 = has(CellType::uint64);
  if (absent || has(CellType::float64) || (int64 && uint64)) return CellType::float64;
  return uint64 ? CellType::uint64 : int64 ? CellType::int64 : CellType::boolean;
}

// Numbers and booleans without a missing value only, and never to a narrower type.
void convert(const Cells& cells, std::span<std::int64_t> part, CellType from, CellType to) {
  if (to != CellType::float64 || from == CellType::float64) return;  // the bits are the same
  const ReadInOrder in_order(cells);
  for (std::int64_t& cell : part) {
    const double value = from == CellType::uint64
                             ? static_cast<double>(std::bit_cast<std::uint64_t>(cell))
                             : static_cast<double>(cell);
    cell = std::bit_cast<std::int64_t>(value);
  }
  const std::int64_t first = part.data() - cells.int64().data();
  cells.evict(first, first + std::ssize(part));
}

}  // namespace

void join_parts(std::span<const Part> parts, Column& column) {
  const auto end_of = [&](std::size_t i) {
    return i + 1 < parts.size() ? parts[i + 1].first_row : column.cells.size();
  };
  const std::optional<CellType> common = common_type(parts);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    const CellType type = common.value_or(part.empty ? CellType::text : part.type);
    const std::int64_t rows = end_of(i) - part.first_row;
    convert(column.cells,
            column.cells.int64().subspan(static_cast<std::size_t>(part.first_row),
                                         static_cast<std::size_t>(rows)),
            part.type, type);
    if (rows == 0 && parts.size() > 1) continue;
    if (column.segments.empty() || column.segments.back().type != type)
      column.segments.push_back({part.first_row, type});
  }
  if (column.segments.empty()) column.segments.push_back({0, common.value_or(CellType::text)});
}

}  // namespace gradstep::csv
