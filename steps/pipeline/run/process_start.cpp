#include "steps/pipeline/run/process_start.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <filesystem>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "steps/error.hpp"

namespace gradstep::pipeline {
namespace {

namespace fs = std::filesystem;

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// What posix_spawn is told beside the program.
class Spawning {
 public:
  enum class Group { ours, its_own };

  explicit Spawning(Group group = Group::its_own) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t defaults;
    sigset_t blocked;
    sigfillset(&defaults);  // ours that are ignored, such as SIGPIPE, would stay so
    sigemptyset(&blocked);
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    ::posix_spawnattr_setsigmask(&attributes_, &blocked);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    const int in_group = group == Group::its_own ? POSIX_SPAWN_SETPGROUP : 0;
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(POSIX_SPAWN_SETSIGDEF |
                                                                POSIX_SPAWN_SETSIGMASK | in_group));
    open(STDIN_FILENO, O_RDONLY);
  }
  Spawning(const Spawning&) = delete;
  Spawning& operator=(const Spawning&) = delete;
  ~Spawning() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }

  void open(int fd, int flags) {
    ::posix_spawn_file_actions_addopen(&actions_, fd, "/dev/null", flags, 0);
  }
  void connect(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void change_folder(const fs::path& folder) {
    ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
  }

  [[nodiscard]] pid_t start(const std::vector<std::string>& arguments,
                            const std::vector<std::string>& environment) const {
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, arguments.front().c_str(), &actions_, &attributes_,
                                    pointers_to(arguments).data(), pointers_to(environment).data());
    if (error != 0) throw IoError("start", arguments.front(), error);
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

struct Pipe {
  Descriptor reading{-1};
  Descriptor writing{-1};
};

Pipe new_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw IoError("open", "a pipe", errno);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

/// Waits a while, then kills.
/// Whether it has ended well in time.
bool end_within(std::chrono::milliseconds longest, pid_t group) {
  const auto end = std::chrono::steady_clock::now() + longest;
  int status = 0;
  while (::waitpid(group, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() >= end) {
      (void)::kill(-group, SIGKILL);
      (void)wait_for(group);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> result;
  for (char** variable = environ; *variable != nullptr; ++variable) result.emplace_back(*variable);
  return result;
}

}  // namespace

StartedProcess start_process(const std::vector<std::string>& arguments,
                             const std::vector<std::string>& environment, const fs::path& folder) {
  Pipe pipe = new_pipe();
  (void)::fcntl(pipe.reading.get(), F_SETFL, O_NONBLOCK);
  Spawning spawning;
  spawning.connect(pipe.writing.get(), STDOUT_FILENO);
  spawning.connect(pipe.writing.get(), STDERR_FILENO);
  spawning.change_folder(folder);
  const pid_t pid = spawning.start(arguments, environment);
  return {pid, std::move(pipe.reading)};
}

bool run_silently(const std::vector<std::string>& arguments,
                  const std::vector<std::string>& environment) noexcept {
  try {
    Spawning spawning;
    spawning.open(STDOUT_FILENO, O_WRONLY);
    spawning.open(STDERR_FILENO, O_WRONLY);
    return end_within(std::chrono::seconds(5), spawning.start(arguments, environment));
  } catch (const std::exception&) {
    return false;  // the program has been removed since
  }
}

std::optional<std::string> output_of(const std::vector<std::string>& arguments, Errors errors) {
  Pipe pipe = new_pipe();
  Spawning spawning(Spawning::Group::ours);  // a terminal's Ctrl-C ends it too
  spawning.connect(pipe.writing.get(), STDOUT_FILENO);
  if (errors == Errors::lost) spawning.open(STDERR_FILENO, O_WRONLY);
  const pid_t pid = spawning.start(arguments, own_environment());
  pipe.writing = Descriptor(-1);
  std::string text;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t count = ::read(pipe.reading.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(block.data(), static_cast<std::size_t>(count));
  }
  const int status = wait_for(pid);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return std::nullopt;
  return text;
}

fs::path find_program(const std::string& name, const std::string& path) {
  const auto usable = [](const fs::path& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string::npos) return usable(name) ? fs::path(name) : fs::path();
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (!folder.empty() && usable(fs::path(folder) / name)) return fs::path(folder) / name;
  return {};
}

}  // namespace gradstep::pipeline
