#pragma once

#include <string_view>

namespace gradstep {

/// Progress and warnings, to stderr, a line each. The programs' own; the kernels never print.
class Log {
 public:
  explicit Log(bool quiet) : quiet_(quiet) {}
  /// What is being done or was decided; nothing with --quiet.
  void say(std::string_view line) const;
  /// "warning: …"; printed with --quiet too.
  void warn(std::string_view line) const;

 private:
  bool quiet_;
};

}  // namespace gradstep
