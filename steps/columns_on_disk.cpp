#include "steps/columns_on_disk.hpp"

#include <algorithm>
#include <utility>

namespace gradstep {
namespace {

std::vector<const double*> addresses(const std::vector<const csv::Cells*>& columns) {
  std::vector<const double*> addresses(columns.size());
  std::ranges::transform(columns, addresses.begin(),
                         [](const csv::Cells* cells) { return cells->float64().data(); });
  return addresses;
}

// Whole blocks.
std::int64_t rows_in(std::int64_t bytes, std::int64_t rows, std::int64_t cols) {
  const std::int64_t bytes_of_a_block =
      RowBlocks::rows_per_block * std::max<std::int64_t>(cols, 1) * std::int64_t{sizeof(double)};
  return std::min(rows, bytes / bytes_of_a_block * RowBlocks::rows_per_block);
}

}  // namespace

ColumnsOnDisk::ColumnsOnDisk(std::vector<const csv::Cells*> columns, std::int64_t rows,
                             std::int64_t resident_bytes)
    : columns_(std::move(columns)),
      mapped_(addresses(columns_), rows),
      resident_rows_(rows_in(resident_bytes, rows, std::ssize(columns_))) {}

ColumnsOnDisk::~ColumnsOnDisk() {
  for (const csv::Cells* column : columns_) column->release(0, mapped_.rows());
}

void ColumnsOnDisk::for_each(int workers, const Work& work, const Commit& commit) const {
  const std::int64_t ahead = useful_workers(workers) * rows_per_block;
  const auto prefetch = [this](std::int64_t first, std::int64_t count) {
    for (const csv::Cells* column : columns_)
      column->prefetch(first, std::min(first + count, rows()));
  };
  prefetch(0, ahead);
  const auto work_on = [&](const RowBlock& block, int worker) {
    prefetch(block.first_row + ahead, rows_per_block);
    work(block, worker);
    if (block.first_row < resident_rows_) return;
    // Read in turn, again and again, blocks would all be gone from the system's cache before their
    // next turn, the resident ones among them.
    for (const csv::Cells* column : columns_)
      column->evict(block.first_row, block.first_row + block.rows);
  };
  mapped_.for_each(workers, work_on, commit);
}

}  // namespace gradstep
