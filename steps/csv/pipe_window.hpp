#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "steps/csv/line_counter.hpp"

namespace gradstep::csv {

/// What came out of a pipe and may still be asked for. Memory: what is not forgotten, twice at
/// most. One thread at a time reads what nobody has read before; the rest is for all threads.
class PipeWindow {
 public:
  /// @param fd    stays the caller's
  /// @param name  for messages
  PipeWindow(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

  /// As Source::read, from what is not forgotten on. Waits for the pipe. @throws IoError
  [[nodiscard]] std::int64_t read(std::int64_t offset, std::span<char> to);
  /// Nothing before `offset`, which has been read, will be asked for again.
  void forget(std::int64_t offset);
  /// The line at `offset`, which is not forgotten and has been read.
  [[nodiscard]] std::int64_t line_at(std::int64_t offset) const;

 private:
  [[nodiscard]] std::span<const char> between(std::int64_t begin, std::int64_t end) const;
  [[nodiscard]] bool read_on();

  int fd_;
  std::string name_;
  bool at_end_ = false;  // a terminal would go on behind its end
  mutable std::mutex changing_;
  std::vector<char> bytes_;  // of the pipe from dropped_ on
  std::int64_t dropped_ = 0;
  std::int64_t begin_ = 0;  // what is before is forgotten
  LineCounter lines_;       // before begin_
};

}  // namespace gradstep::csv
