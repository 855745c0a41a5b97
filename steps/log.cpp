#include "steps/log.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

namespace gradstep {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view wipe_line = "\r\033[K";

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

void print(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

// One write a line, so that lines of several processes do not mix; and over a bar, not behind it.
void print_line(std::string line) {
  line += '\n';
  print(stderr_is_terminal() ? std::string(wipe_line) + line : line);
}

}  // namespace

void Log::say(std::string_view line) const {
  if (!quiet_) print_line(std::string(line));
}

void Log::warn(std::string_view line) const { print_line("warning: " + std::string(line)); }

Progress::Progress(const Log& log, std::string what, std::int64_t total)
    : what_(std::move(what)),
      total_(std::max<std::int64_t>(total, 1)),
      terminal_(stderr_is_terminal()),
      next_(log.quiet() ? Clock::time_point::max() : Clock::now() + (terminal_ ? 1s : 10s)) {}

Progress::~Progress() {
  if (drawn_) print(wipe_line);
}

void Progress::show(std::int64_t done) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  const double share =
      std::clamp(static_cast<double>(done) / static_cast<double>(total_), 0.0, 1.0);
  if (terminal_) {
    draw_bar(share);
    drawn_ = true;
    next_ = now + 100ms;
  } else {
    print_line(what_ + ": " + std::to_string(static_cast<int>(share * 100)) + " %");
    next_ = now + 10s;
  }
}

void Progress::draw_bar(double share) const {
  constexpr int width = 40;
  const auto filled = static_cast<std::size_t>(share * width);
  print('\r' + what_ + " [" + std::string(filled, '#') + std::string(width - filled, '.') + "] " +
        std::to_string(static_cast<int>(share * 100)) + " %\033[K");
}

}  // namespace gradstep
