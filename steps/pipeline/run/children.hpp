#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steps/signals.hpp"

namespace gradstep::pipeline {

/// A process to start.
struct ChildCommand {
  std::string name;                      ///< whose lines it prints
  std::vector<std::string> arguments;    ///< the program's path first
  std::vector<std::string> environment;  ///< "NAME=value", all of it
  std::filesystem::path folder;          ///< where it runs
  std::filesystem::path log;             ///< gets what it prints
  double timeout = 0;                    ///< seconds; 0: none
  std::vector<std::string> kill;         ///< run as well when it is killed: a container's end
  /// Run in the place of SIGTERM where that succeeds: a container's client may not pass signals on
  /// yet when the container prints already, and ends alone (podman 4.3).
  std::vector<std::string> terminate = {};
};

/// How a process ended.
struct ChildEnd {
  std::size_t child = 0;  ///< what start() returned
  int exit_code = 0;      ///< 128 + its signal where one ended it
  double seconds = 0;
  bool timed_out = false;
  bool stopped = false;                 ///< by stop()
  std::vector<std::string> last_lines;  ///< of what it printed, 20 at most
};

/// The processes of the steps that run now, each a process group of its own: started, listened to,
/// and ended, by one thread. Whoever is left when this goes out of scope is killed. What a process
/// has started ends with it, also what has left its group: it is known by a variable of its
/// environment. Not so where `kill` is there: a container ends on its own.
class Children {
 public:
  /// Called with each whole line that a process prints, and its name.
  using OnLine = std::function<void(const std::string& name, std::string_view line)>;

  /// @param signals  must outlive this
  Children(OnLine on_line, const SignalPipe& signals);
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children();

  /// @throws IoError  when the process cannot be started or the log not be written
  [[nodiscard]] std::size_t start(const ChildCommand& command);

  /// Waits until something happened or the time is over, and tells who has ended.
  /// @throws IoError  when a log cannot be written
  [[nodiscard]] std::vector<ChildEnd> wait(std::chrono::milliseconds longest);

  /// SIGTERM now, SIGKILL to whoever is there ten seconds later.
  void stop(std::size_t child);
  void stop_all();

  [[nodiscard]] bool empty() const { return running_.empty(); }
  /// The first signal that asked the whole program to end; 0: none. wait() stops the children then,
  /// and kills them when a second one comes.
  [[nodiscard]] int signal() const { return signal_; }

 private:
  struct Running;
  void read_signals();
  void read_output(Running& child);
  void end_late_ones();
  void reap_adopted() const;
  [[nodiscard]] std::chrono::milliseconds until_next_deadline(std::chrono::milliseconds most) const;

  OnLine on_line_;
  const SignalPipe& signals_;
  int signal_ = 0;
  std::size_t started_ = 0;
  std::vector<std::unique_ptr<Running>> running_;
};

}  // namespace gradstep::pipeline
