#include "steps/pipeline/run/children.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steps/descriptor.hpp"
#include "steps/error.hpp"
#include "steps/pipeline/run/process_start.hpp"

namespace gradstep::pipeline {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr Clock::duration grace = 10s;
constexpr std::size_t longest_line = std::size_t{1} << 20;
constexpr std::size_t kept_lines = 20;

void write_all(int fd, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw IoError("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
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
  bool timed_out = false;
  bool stopped = false;
  bool killed = false;
  std::string line = {};  ///< begun
  std::deque<std::string> last_lines = {};

  void terminate() {
    if (stopped || timed_out) return;
    (void)::kill(-pid, SIGTERM);
    deadline = Clock::now() + grace;
  }

  void kill() {
    if (std::exchange(killed, true)) return;
    if (!command.kill.empty()) run_silently(command.kill, command.environment);
    (void)::kill(-pid, SIGKILL);
    deadline = Clock::time_point::max();
  }

  /// Once it has ended itself: whether others of its group still have time to, those being who hold
  /// the pipe. Only after SIGTERM, which a shell does not wait for its programs to obey.
  [[nodiscard]] bool others_may_finish() const {
    return (stopped || timed_out) && !killed && output.get() >= 0;
  }

  void end_line(const OnLine& on_line) {
    on_line(command.name, line);
    last_lines.push_back(std::move(line));
    if (last_lines.size() > kept_lines) last_lines.pop_front();
    line.clear();
  }

  void take_output(std::string_view bytes, const OnLine& on_line) {
    write_all(log.get(), bytes, command.log);
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::size_t room = longest_line - line.size();
      const std::size_t count = std::min({end, room, bytes.size()});
      line += bytes.substr(0, count);
      bytes.remove_prefix(count);
      if (!bytes.empty() && bytes.front() == '\n') {
        bytes.remove_prefix(1);
        end_line(on_line);
      } else if (line.size() == longest_line) {
        end_line(on_line);
      }
    }
  }
};

Children::Children(OnLine on_line) : on_line_(std::move(on_line)) {}

Children::~Children() {
  for (const auto& child : running_) {
    child->kill();
    (void)::waitpid(child->pid, nullptr, 0);
  }
}

std::size_t Children::start(const ChildCommand& command) {
  Descriptor log(::open(command.log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (log.get() < 0) throw IoError("write", command.log, errno);
  StartedProcess process = start_process(command.arguments, command.environment, command.folder);
  const Clock::time_point now = Clock::now();
  const bool limited = command.timeout > 0 && command.timeout < 1e9;
  const auto timeout = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(limited ? command.timeout : 0));
  running_.push_back(std::make_unique<Running>(
      Running{started_, command, process.pid, std::move(process.output), std::move(log), now,
              limited ? now + timeout : Clock::time_point::max()}));
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
    siginfo_t ended{};
    const bool has_ended =
        ::waitid(P_PID, static_cast<id_t>(child->pid), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
        ended.si_pid == child->pid;
    read_output(*child);
    if (!has_ended || child->others_may_finish()) continue;
    // As in a container, nothing outlives the step; the group's number is taken until waitpid().
    (void)::kill(-child->pid, SIGKILL);
    read_output(*child);
    int status = 0;
    (void)::waitpid(child->pid, &status, 0);
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
  return ends;
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
    if (child->stopped || child->timed_out) {
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
