#include "steps/csv/cells.hpp"

#include <algorithm>
#include <new>

namespace gradstep::csv {
namespace {

constexpr std::int64_t cell_bytes = sizeof(std::int64_t);

// Bytes, a multiple of any page: small for a small column, whose rest would be wasted.
std::int64_t step_of_a_file(std::int64_t bytes) {
  constexpr std::int64_t large = 1 << 20;
  return bytes < large ? 64 << 10 : large;
}

}  // namespace

Cells::Cells(CellPlace place) {
  if (place == CellPlace::temporary_file)
    memory_ = {nullptr, Owner{std::make_unique<MappedFile>()}};
}

std::span<std::int64_t> Cells::append(std::int64_t count) {
  const std::int64_t first = size_;
  if (first + count > capacity_)
    file() == nullptr ? grow_memory(first + count) : grow_file(first + count);
  size_ += count;
  return int64().subspan(static_cast<std::size_t>(first));
}

void Cells::grow_memory(std::int64_t capacity) {
  capacity = std::max(capacity, capacity_ + capacity_ / 2);
  void* const before = memory_.release();
  void* const grown = std::realloc(before, static_cast<std::size_t>(capacity * cell_bytes));
  memory_.reset(grown != nullptr ? grown : before);
  if (grown == nullptr) throw std::bad_alloc();
  capacity_ = capacity;
}

// By less than memory: mapping a file anew moves no bytes, and the disk may be nearly full.
void Cells::grow_file(std::int64_t capacity) {
  const std::int64_t least = std::max(capacity, capacity_ + capacity_ / 8) * cell_bytes;
  const std::int64_t step = step_of_a_file(least);
  const std::int64_t bytes = (least + step - 1) / step * step;
  memory_.reset(file()->grow(bytes));
  capacity_ = bytes / cell_bytes;
}

void Cells::shrink(std::int64_t size) { size_ = size; }

void Cells::release(std::int64_t first, std::int64_t end) const {
  if (file() != nullptr) file()->release(first * cell_bytes, end * cell_bytes);
}

void Cells::evict(std::int64_t first, std::int64_t end) const {
  if (file() != nullptr) file()->evict(first * cell_bytes, end * cell_bytes);
}

void Cells::prefetch(std::int64_t first, std::int64_t end) const {
  if (file() != nullptr) file()->prefetch(first * cell_bytes, end * cell_bytes);
}

ReadInOrder::ReadInOrder(const Cells& cells) : file_(cells.file()) {
  if (file_ != nullptr) file_->read_ahead(true);
}

ReadInOrder::~ReadInOrder() {
  if (file_ != nullptr) file_->read_ahead(false);
}

}  // namespace gradstep::csv
