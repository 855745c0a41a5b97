#pragma once

#include <chrono>
#include <cstdint>
#include <string>
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
  [[nodiscard]] bool quiet() const { return quiet_; }

 private:
  bool quiet_;
};

/// How far a long piece of work has come: a bar, drawn once it has taken a second, where stderr is
/// a terminal; elsewhere a plain line every ten seconds; nothing with --quiet. The destructor wipes
/// the bar. One thread at a time.
class Progress {
 public:
  /// @param what   the work, as in "writing"
  /// @param total  what show() counts up to
  Progress(const Log& log, std::string what, std::int64_t total);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  /// Cheap: a look at the clock unless the bar is due again.
  void show(std::int64_t done);

 private:
  using Clock = std::chrono::steady_clock;
  void draw_bar(double share) const;

  std::string what_;
  std::int64_t total_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point next_;
};

}  // namespace gradstep
