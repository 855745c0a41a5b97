#include "steps/csv/cells.hpp"

#include <algorithm>
#include <new>

namespace gradstep::csv {

std::span<std::int64_t> Cells::append(std::int64_t count) {
  const std::int64_t first = size_;
  if (first + count > capacity_) {
    const std::int64_t capacity = std::max(first + count, capacity_ + capacity_ / 2);
    void* const before = memory_.release();
    void* const grown =
        std::realloc(before, static_cast<std::size_t>(capacity) * sizeof(std::int64_t));
    memory_.reset(grown != nullptr ? grown : before);
    if (grown == nullptr) throw std::bad_alloc();
    capacity_ = capacity;
  }
  size_ += count;
  return int64().subspan(static_cast<std::size_t>(first));
}

void Cells::shrink(std::int64_t size) { size_ = size; }

}  // namespace gradstep::csv
