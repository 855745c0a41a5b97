#include "steps/csv/file_reader.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/records_of_block.hpp"

namespace gradstep::csv {
namespace {

// Cells on disk that may be in memory before their way there begins.
constexpr std::int64_t bytes_to_write_back = 16 << 20;
// Stretches that are asked for at a time, and as many ahead.
constexpr std::size_t stretches_asked_for = 8;

// The cells of a block that must be parsed once more to be of the column's type.
bool must_be_read_again(const BlockColumn& found, const Verdict& verdict) {
  if (found.kind == BlockKind::missing) return verdict.na_is_text;
  switch (verdict.type) {
    case CellType::int64:
    case CellType::boolean:
      return false;
    case CellType::float64:
      if (found.kind == BlockKind::int64) return found.float_differs && !verdict.of_ints;
      return found.kind != BlockKind::float64;
    case CellType::text:
      return found.kind != BlockKind::text || (verdict.na_is_text && found.missing);
    default:
      return true;
  }
}

// The other cells that are not yet of the column's type.
bool must_be_converted(const BlockColumn& found, const Verdict& verdict) {
  return found.kind == BlockKind::missing ||
         (found.kind == BlockKind::int64 && !found.missing && verdict.type == CellType::float64);
}

// What is not yet of the column's type becomes it in place.
void convert(const BlockColumn& found, const Verdict& verdict, std::span<std::int64_t> cells) {
  if (!must_be_converted(found, verdict)) return;
  if (found.kind == BlockKind::missing) {
    std::ranges::fill(cells, missing_cell(verdict.type));
  } else {
    to_doubles(cells);
  }
}

}  // namespace

FileReader::FileReader(const Source& source, const Header& header, std::vector<KeptColumn> columns,
                       std::int64_t first_row, const ReadOptions& options)
    : source_(source),
      header_(header),
      options_(options),
      columns_(std::move(columns)),
      rows_(first_row),
      written_back_(first_row),
      types_(columns_.size()),
      starts_(columns_.size()) {
  for (auto& start : starts_) start = Start::ints;
  written_.reserve(columns_.size());
  for (const KeptColumn& kept : columns_) written_.push_back(&kept.column->cells);
}

void FileReader::read() {
  const std::int64_t first_row = rows_;
  read_blocks();
  write_back_before(rows_, 0);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    columns_[i].missing = types_[i].missing();
    if (!types_[i].has_large_ints()) columns_[i].verdict = types_[i].verdict();
  }
  judge_large_ints();
  written_back_ = first_row;
  finish();
  write_back_before(rows_, 0);
}

std::vector<FileReader::Worker> FileReader::workers() const {
  return std::vector<Worker>(static_cast<std::size_t>(std::max(options_.threads, 1)));
}

void FileReader::read_blocks() {
  std::vector<Worker> team = workers();
  BlockReader blocks(source_, header_.begin,
                     bytes_of_a_block(options_.block_bytes, options_.threads));
  const auto member = [&team](int worker) -> Worker& {
    return team[static_cast<std::size_t>(worker)];
  };
  run_in_order(options_.threads,
               {[&](std::int64_t, int worker) { return blocks.next(member(worker).block); },
                [&](std::int64_t, int worker) { parse(member(worker)); },
                [&](std::int64_t, int worker) { keep(member(worker)); }});
}

void FileReader::parse(Worker& worker) const {
  split_block(source_, header_, worker.block, worker.records);
  const std::size_t rows = static_cast<std::size_t>(worker.records.rows());
  worker.cells.resize(std::max(worker.cells.size(), rows * columns_.size()));
  worker.found.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i)
    worker.found[i] = parse_inferred(fields(worker, i), starts_[i].load(std::memory_order_relaxed),
                                     std::span(worker.cells).subspan(i * rows, rows));
}

void FileReader::keep(const Worker& worker) {
  const std::int64_t rows = worker.records.rows();
  const auto length = static_cast<std::int64_t>(worker.block.text.size());
  options_.progress(length);
  if (rows == 0) return;
  stretches_.push_back({0, worker.block.begin, worker.block.begin + length, rows_});
  rows_ += rows;
  found_.insert(found_.end(), worker.found.begin(), worker.found.end());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto first = worker.cells.begin() + static_cast<std::int64_t>(i) * rows;
    std::copy(first, first + rows, columns_[i].column->cells.append(rows).begin());
    types_[i].add(worker.found[i]);
    starts_[i].store(types_[i].start(), std::memory_order_relaxed);
  }
  write_back_before(rows_, bytes_to_write_back);
}

// Once there are so many bytes of them. A thread may still be at work on the last page: it gets it
// back from the file.
void FileReader::write_back_before(std::int64_t row, std::int64_t least_bytes) {
  if (options_.cells_in == CellPlace::memory) return;
  const std::int64_t bytes =
      (row - written_back_) * std::ssize(columns_) * std::int64_t{sizeof(std::int64_t)};
  if (bytes < least_bytes) return;
  for (const Cells* cells : written_) cells->evict(written_back_, row);
  written_back_ = row;
}

void FileReader::judge_large_ints() {
  std::vector<std::size_t> large;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (types_[i].has_large_ints()) large.push_back(i);
  if (large.empty()) return;

  std::vector<Worker> team = workers();
  std::vector<LargeInts> judges(large.size());
  const auto look = [&](std::int64_t stretch, int who) {
    Worker& worker = team[static_cast<std::size_t>(who)];
    load(static_cast<std::size_t>(stretch), worker);
    worker.large.assign(large.size(), {});
    for (std::size_t k = 0; k < large.size(); ++k) {
      const ColumnFields column = fields(worker, large[k]);
      for (std::int64_t row = 0; row < column.rows(); ++row)
        worker.large[k].add(column[row], column.offset(row));
    }
  };
  const auto append = [&](std::int64_t, int who) {
    for (std::size_t k = 0; k < large.size(); ++k)
      judges[k].append(team[static_cast<std::size_t>(who)].large[k]);
  };
  for_each_in_order(std::ssize(stretches_), options_.threads, look, append);

  for (std::size_t k = 0; k < large.size(); ++k) {
    KeptColumn& kept = columns_[large[k]];
    kept.verdict = judges[k].verdict();
    kept.missing = judges[k].first_missing() >= 0 && !kept.verdict.na_is_text;
    if (kept.verdict.na_is_text && judges[k].first_missing() >= 0)
      options_.warn(place(source_, judges[k].first_missing()) + ": column " +
                    shown(kept.column->name) +
                    ": missing values are taken for text, as pandas does, because the column "
                    "holds ints that do not fit into 64 bits");
  }
}

void FileReader::finish() {
  std::vector<Worker> team = workers();
  written_.clear();  // the others are on the disk, and may stay in the system's cache as well
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (first_unfinished(i, 0, stretches_.size()) < stretches_.size())
      written_.push_back(&columns_[i].column->cells);
  ask_for_unfinished(0);
  for_each_in_order(
      std::ssize(stretches_), options_.threads,
      [&](std::int64_t stretch, int worker) {
        if (static_cast<std::size_t>(stretch) % stretches_asked_for == 0)
          ask_for_unfinished(static_cast<std::size_t>(stretch) + stretches_asked_for);
        finish_stretch(static_cast<std::size_t>(stretch), team[static_cast<std::size_t>(worker)]);
      },
      [&](std::int64_t stretch, int) {
        const auto index = static_cast<std::size_t>(stretch);
        write_back_before(stretches_[index].first_row + rows_in(index), bytes_to_write_back);
      });
}

// Cells of the stretches from `first` on that will be written anew: their pages are read for it.
void FileReader::ask_for_unfinished(std::size_t first) const {
  const std::size_t end = std::min(first + stretches_asked_for, stretches_.size());
  if (options_.cells_in == CellPlace::memory || first >= end) return;
  const std::int64_t end_row = stretches_[end - 1].first_row + rows_in(end - 1);
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (const std::size_t stretch = first_unfinished(i, first, end); stretch < end)
      columns_[i].column->cells.prefetch(stretches_[stretch].first_row, end_row);
}

// The first of stretches [first, end) whose cells are not of the column's type; else `end`.
std::size_t FileReader::first_unfinished(std::size_t column, std::size_t first,
                                         std::size_t end) const {
  const Verdict& verdict = columns_[column].verdict;
  while (first < end && !must_be_read_again(found(first, column), verdict) &&
         !must_be_converted(found(first, column), verdict))
    ++first;
  return first;
}

void FileReader::finish_stretch(std::size_t stretch, Worker& worker) const {
  bool loaded = false;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Verdict& verdict = columns_[i].verdict;
    if (!must_be_read_again(found(stretch, i), verdict)) {
      convert(found(stretch, i), verdict, cells(stretch, i));
      continue;
    }
    if (!loaded) load(stretch, worker);
    loaded = true;
    if (!parse_as(verdict, fields(worker, i), cells(stretch, i))) throw changed_while_read(source_);
  }
}

ColumnFields FileReader::fields(const Worker& worker, std::size_t column) const {
  return {worker.records, header_.index_columns() + columns_[column].position, worker.block.text,
          worker.block.begin};
}

void FileReader::load(std::size_t stretch, Worker& worker) const {
  worker.block.begin = stretches_[stretch].begin;
  read_again(source_, stretches_[stretch].begin, stretches_[stretch].end, worker.block.text);
  split_block(source_, header_, worker.block, worker.records);
  if (worker.records.rows() != rows_in(stretch)) throw changed_while_read(source_);
}

std::int64_t FileReader::rows_in(std::size_t stretch) const {
  const std::int64_t end =
      stretch + 1 < stretches_.size() ? stretches_[stretch + 1].first_row : rows_;
  return end - stretches_[stretch].first_row;
}

std::span<std::int64_t> FileReader::cells(std::size_t stretch, std::size_t column) const {
  return columns_[column].column->cells.int64().subspan(
      static_cast<std::size_t>(stretches_[stretch].first_row),
      static_cast<std::size_t>(rows_in(stretch)));
}

}  // namespace gradstep::csv
