#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "steps/descriptor.hpp"

namespace gradstep {

/// From now on SIGTERM, SIGINT, SIGQUIT and SIGHUP remove the registered files and end the process
/// with 128 + signal, as process 1 of a container too (which has no default action for them). All
/// but SIGTERM stay ignored when the parent told us to ignore them (nohup, background jobs). A
/// closed pipe and a file-size limit become write errors instead of signals.
void install_signal_handlers();

/// From now on a page of a mapped file that cannot be read from the disk or written to it (SIGBUS)
/// ends the process, with `message` on stderr, the registered files removed, and ExitCode::io.
/// Call it once, before there are threads.
void install_lost_page_handler(const std::string& message);

/// Has `path` removed when a signal ends the process; call it before the file is created.
/// @return a slot for forget_file; -1 when the table is full or the path too long: then nothing
///         is registered, and the file stays behind if a signal comes
/// Linux hands a process' signals to its main thread first: files made there cannot slip through.
[[nodiscard]] int remove_file_on_signal(const char* path);

/// Takes the file out of the table; slot -1 does nothing.
void forget_file(int slot);

/// Has the process group killed when a third signal ends the process at once.
/// @return a slot for forget_group; -1 when the table is full
[[nodiscard]] int kill_group_on_signal(pid_t group);
/// Takes the group out of the table; slot -1 does nothing.
void forget_group(int slot);

/// While one lives, SIGTERM, SIGINT, SIGQUIT and SIGHUP end nothing: they wait here to be taken,
/// and so does SIGCHLD. For a program that has processes of its own to end first. The third one
/// does end the process, in case that nobody takes them. One at a time.
class SignalPipe {
 public:
  /// @throws IoError  when the process may open no more files
  SignalPipe();
  SignalPipe(const SignalPipe&) = delete;
  SignalPipe& operator=(const SignalPipe&) = delete;
  ~SignalPipe();

  /// Readable when a signal waits: for poll().
  [[nodiscard]] int descriptor() const { return read_end_.get(); }
  /// The signals since the last call; empty when there are none. Does not wait.
  [[nodiscard]] std::vector<int> take() const;

 private:
  Descriptor read_end_{-1};
  Descriptor write_end_{-1};
};

/// Ends the process as `signal` would: the registered files are removed, exit code 128 + signal.
[[noreturn]] void end_by_signal(int signal);

}  // namespace gradstep
