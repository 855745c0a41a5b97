#include "steps/pipeline/run/children.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "steps/descriptor.hpp"
#include "steps/error.hpp"
#include "steps/output_folder.hpp"
#include "steps/pipeline/run/process_start.hpp"
#include "steps/signals.hpp"

namespace gradstep::pipeline {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr Clock::duration grace = 10s;
constexpr std::size_t longest_line = std::size_t{1} << 20;
constexpr std::size_t kept_lines = 20;
constexpr std::size_t kept_of_a_line = 500;

/// What each process has in its environment, and so has whatever it starts.
std::string mark(std::size_t number) {
  return "GRADSTEP_STEP_PROCESS=" + std::to_string(::getpid()) + '.' + std::to_string(number);
}

bool has_variable(const fs::path& process, const std::string& variable) {
  std::ifstream file(process / "environ", std::ios::binary);
  for (std::string text; std::getline(file, text, '\0');)
    if (text == variable) return true;
  return false;
}

/// Kills what has the variable in its environment, until nothing new has come.
void kill_marked(const std::string& variable) {
  constexpr int rounds = 10;  // one that starts others faster than this gets away
  bool any = true;
  for (int round = 0; any && round < rounds; ++round) {
    any = false;
    std::error_code ignored;
    for (fs::directory_iterator process("/proc", ignored), end; process != end;
         process.increment(ignored)) {
      const auto pid =
          static_cast<pid_t>(std::strtol(process->path().filename().c_str(), nullptr, 10));
      if (pid <= 0 || pid == ::getpid() || !has_variable(process->path(), variable)) continue;
      any = ::kill(pid, SIGKILL) == 0 || any;
    }
  }
}

bool has_ended(pid_t pid) {
  siginfo_t ended{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         ended.si_pid == pid;
}

}  // namespace

struct Children::Running {
  std::size_t number;
  ChildCommand command;
  pid_t pid;
  Descriptor output;  ///< the pipe's reading end; -1 once it has ended
  Descriptor log;
  Clock::time_point started;
  Clock::time_point deadline;  ///< of its timeout, later of SIGKILL
  int slot;                    ///< of kill_group_on_signal()
  bool timed_out = false;
  bool stopped = false;
  bool killed = false;
  bool at_return = false;  ///< the last line has ended in a carriage return
  std::string line = {};   ///< begun
  std::deque<std::string> last_lines = {};

  void terminate() {
    if (stopped || timed_out) return;
    if (command.terminate.empty() || !run_silently(command.terminate, command.environment))
      (void)::kill(-pid, SIGTERM);
    deadline = Clock::now() + grace;
  }

  void kill() {
    if (std::exchange(killed, true)) return;
    if (!command.kill.empty()) (void)run_silently(command.kill, command.environment);
    kill_all();
    deadline = Clock::time_point::max();
  }

  /// Itself, and what it has started.
  void kill_all() const {
    (void)::kill(-pid, SIGKILL);
    if (command.kill.empty()) kill_marked(mark(number));
  }

  /// Once it has ended itself: whether others of its group still have time to, those being who hold
  /// the pipe. Only after SIGTERM, which a shell does not wait for its programs to obey.
  [[nodiscard]] bool others_may_finish() const {
    return (stopped || timed_out) && !killed && output.get() >= 0;
  }

  void end_line(const OnLine& on_line) {
    on_line(command.name, line);
    if (line.size() > kept_of_a_line) line.replace(kept_of_a_line, std::string::npos, " ...");
    last_lines.push_back(std::move(line));
    if (last_lines.size() > kept_lines) last_lines.pop_front();
    line.clear();
  }

  void take_output(std::string_view bytes, const OnLine& on_line) {
    write_all(log.get(), bytes, command.log);
    while (!bytes.empty()) {
      const std::size_t end = bytes.find_first_of("\r\n");
      const std::size_t room = longest_line - line.size();
      const std::size_t count = std::min({end, room, bytes.size()});
      line += bytes.substr(0, count);
      bytes.remove_prefix(count);
      const bool at_end = !bytes.empty() && (bytes.front() == '\n' || bytes.front() == '\r');
      if (!at_end && line.size() < longest_line) continue;
      const char ending = at_end ? bytes.front() : '\0';
      if (at_end) bytes.remove_prefix(1);
      const bool second = ending == '\n' && at_return && line.empty();  // of "\r\n"
      at_return = ending == '\r';
      if (!second) end_line(on_line);
    }
  }
};

Children::Children(OnLine on_line, const SignalPipe& signals)
    : on_line_(std::move(on_line)), signals_(signals) {
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1);  // what loses its parent becomes ours: to be reaped
}

Children::~Children() {
  for (const auto& child : running_) {
    child->kill();
    (void)::waitpid(child->pid, nullptr, 0);
    forget_group(child->slot);
  }
  running_.clear();
  reap_adopted();
}

std::size_t Children::start(const ChildCommand& command) {
  Descriptor log(::open(command.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (log.get() < 0) throw IoError("write", command.log, errno);
  std::vector<std::string> environment = command.environment;
  if (command.kill.empty()) environment.push_back(mark(started_));
  StartedProcess process = start_process(command.arguments, environment, command.folder);
  const Clock::time_point now = Clock::now();
  const bool limited = command.timeout > 0 && command.timeout < 1e9;
  const auto timeout = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(limited ? command.timeout : 0));
  running_.push_back(std::make_unique<Running>(Running{
      started_, command, process.pid, std::move(process.output), std::move(log), now,
      limited ? now + timeout : Clock::time_point::max(), kill_group_on_signal(process.pid)}));
  return started_++;
}

std::vector<ChildEnd> Children::wait(milliseconds longest) {
  std::vector<pollfd> descriptors = {{signals_.descriptor(), POLLIN, 0}};
  for (const auto& child : running_) descriptors.push_back({child->output.get(), POLLIN, 0});
  const milliseconds time = until_next_deadline(longest);
  (void)::poll(descriptors.data(), descriptors.size(), static_cast<int>(time.count()));
  read_signals();
  end_late_ones();

  std::vector<ChildEnd> ends;
  for (auto& child : running_) {
    // Whoever has ended is looked for first: what it printed is in the pipe then.
    const bool ended = has_ended(child->pid);
    read_output(*child);
    if (!ended || child->others_may_finish()) continue;
    // As in a container, nothing outlives the step; the group's number is taken until waitpid().
    child->kill_all();
    read_output(*child);
    int status = 0;
    (void)::waitpid(child->pid, &status, 0);
    forget_group(child->slot);
    if (!child->line.empty()) child->end_line(on_line_);
    const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    const double seconds = std::chrono::duration<double>(Clock::now() - child->started).count();
    ends.push_back({child->number,
                    code,
                    seconds,
                    child->timed_out,
                    child->stopped,
                    {child->last_lines.begin(), child->last_lines.end()}});
    child.reset();
  }
  std::erase(running_, nullptr);
  reap_adopted();
  return ends;
}

// What the processes have left behind, once it has ended, up to the first that is one of them.
void Children::reap_adopted() const {
  for (;;) {
    siginfo_t ended{};
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid == 0) return;
    for (const auto& child : running_)
      if (child->pid == ended.si_pid) return;
    (void)::waitpid(ended.si_pid, nullptr, WNOHANG);
  }
}

void Children::stop(std::size_t number) {
  for (const auto& child : running_) {
    if (child->number != number) continue;
    child->terminate();
    child->stopped = true;
  }
}

void Children::stop_all() {
  for (const auto& child : running_) stop(child->number);
}

void Children::read_signals() {
  for (const int signal : signals_.take()) {
    if (signal == SIGCHLD) continue;
    if (signal_ != 0)  // whoever asks twice is in a hurry
      for (const auto& child : running_) child->kill();
    if (signal_ == 0) signal_ = signal;
    stop_all();
  }
}

// Reads what there is, which a pipe's room limits; but not for ever: a process may print faster
// than we read, also one that has left the group of a step that has ended.
void Children::read_output(Running& child) {
  std::array<char, 65536> block{};
  for (int blocks = 0; child.output.get() >= 0 && blocks < 64; ++blocks) {
    const ssize_t count = ::read(child.output.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;
    if (count == 0) child.output = Descriptor(-1);
    child.take_output({block.data(), static_cast<std::size_t>(count)}, on_line_);
  }
}

void Children::end_late_ones() {
  const Clock::time_point now = Clock::now();
  for (const auto& child : running_) {
    if (now < child->deadline) continue;
    const bool asked = child->stopped || child->timed_out;
    if (!asked && has_ended(child->pid)) continue;  // in time: it is we who were late
    if (asked) {
      child->kill();
    } else {
      child->terminate();
      child->timed_out = true;
    }
  }
}

milliseconds Children::until_next_deadline(milliseconds most) const {
  const Clock::time_point now = Clock::now();
  for (const auto& child : running_) {
    if (child->deadline == Clock::time_point::max()) continue;
    const auto left = std::chrono::ceil<milliseconds>(child->deadline - now);
    most = std::clamp(left, 0ms, most);
  }
  return most;
}

}  // namespace gradstep::pipeline
