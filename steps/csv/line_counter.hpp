#pragma once

#include <cstdint>
#include <string_view>

namespace gradstep::csv {

/// Counts lines from 1; \n, \r\n and a lone \r end a line, within quotes too.
class LineCounter {
 public:
  /// Goes on behind the text added before.
  void add(std::string_view text) {
    for (const char c : text) {
      if (c == '\r' || (c == '\n' && previous_ != '\r')) ++line_;
      previous_ = c;
    }
  }
  /// The line at the end of the text.
  [[nodiscard]] std::int64_t line() const { return line_; }

 private:
  std::int64_t line_ = 1;
  char previous_ = 0;
};

}  // namespace gradstep::csv
