#include "steps/csv/pipe_window.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "steps/csv/read_waiting.hpp"

namespace gradstep::csv {

std::span<const char> PipeWindow::between(std::int64_t begin, std::int64_t end) const {
  return std::span(bytes_).subspan(static_cast<std::size_t>(begin - dropped_),
                                   static_cast<std::size_t>(end - begin));
}

// False at the pipe's end. The lock is not held while we wait for the pipe.
bool PipeWindow::read_on() {
  if (at_end_) return false;
  std::array<char, std::size_t{1} << 16> chunk;
  const std::size_t length = read_waiting(fd_, chunk, name_);
  at_end_ = length == 0;
  const std::scoped_lock lock(changing_);
  bytes_.insert(bytes_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(length));
  return !at_end_;
}

std::int64_t PipeWindow::read(std::int64_t offset, std::span<char> to) {
  while (true) {
    {
      const std::scoped_lock lock(changing_);
      const std::int64_t end = dropped_ + std::ssize(bytes_);
      if (end - offset >= std::ssize(to)) {
        std::ranges::copy(between(offset, offset + std::ssize(to)), to.begin());
        return std::ssize(to);
      }
    }
    if (read_on()) continue;
    const std::scoped_lock lock(changing_);
    const std::int64_t end = dropped_ + std::ssize(bytes_);
    std::ranges::copy(between(offset, end), to.begin());
    return end - offset;
  }
}

void PipeWindow::forget(std::int64_t offset) {
  const std::scoped_lock lock(changing_);
  const std::span<const char> passed = between(begin_, offset);
  lines_.add({passed.data(), passed.size()});
  begin_ = offset;
  // Moving what is kept costs less than what has passed.
  const std::int64_t useless = begin_ - dropped_;
  if (useless < std::ssize(bytes_) / 2) return;
  bytes_.erase(bytes_.begin(), bytes_.begin() + useless);
  dropped_ = begin_;
}

std::int64_t PipeWindow::line_at(std::int64_t offset) const {
  const std::scoped_lock lock(changing_);
  LineCounter lines = lines_;
  const std::span<const char> before = between(begin_, offset);
  lines.add({before.data(), before.size()});
  return lines.line();
}

}  // namespace gradstep::csv
