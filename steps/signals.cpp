#include "steps/signals.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <vector>

#include "steps/error.hpp"
#include "steps/exit_code.hpp"

namespace gradstep {
namespace {

// A handler may only touch lock-free atomics and plain memory that nobody is writing: a slot is
// filled while `taken`, and seen by the handler once it is `live`.
enum class Use { free, taken, live };
struct Slot {
  std::atomic<Use> use = Use::free;
  char path[PATH_MAX];
};
static_assert(std::atomic<Use>::is_always_lock_free);

std::array<Slot, 16> slots;

std::atomic<int> told = -1;     // where a SignalPipe takes signals
std::atomic<int> asked_to_end;  // signals since that pipe is there
static_assert(std::atomic<int>::is_always_lock_free);

std::array<std::atomic<pid_t>, 256> groups;  // to be killed; 0: a free slot
static_assert(std::atomic<pid_t>::is_always_lock_free);

std::array<char, PATH_MAX + 256> lost_page_message;
std::size_t lost_page_message_bytes = 0;

void remove_files() {
  for (Slot& slot : slots)
    if (slot.use.load() == Use::live) (void)::unlink(slot.path);
}

extern "C" void tell_of_lost_page(int signal, siginfo_t* info, void*) {
  if (info->si_code != BUS_ADRERR) {  // no file's page, but our own mistake, or someone's kill
    (void)::signal(signal, SIG_DFL);
    (void)::raise(signal);
    return;
  }
  (void)!::write(STDERR_FILENO, lost_page_message.data(), lost_page_message_bytes);
  remove_files();
  ::_exit(static_cast<int>(ExitCode::io));
}

void write_to(int fd, int signal) {
  const int error = errno;
  const auto number = static_cast<char>(signal);
  (void)!::write(fd, &number, 1);  // a full pipe holds signals enough
  errno = error;
}

extern "C" void tell_or_end(int signal) {
  constexpr int patience = 3;
  const int fd = told.load();
  if (fd < 0) end_by_signal(signal);
  if (++asked_to_end < patience) {
    write_to(fd, signal);
    return;
  }
  for (const std::atomic<pid_t>& group : groups)
    if (const pid_t id = group.load(); id > 0) (void)::kill(-id, SIGKILL);
  end_by_signal(signal);
}

extern "C" void tell(int signal) {
  if (const int fd = told.load(); fd >= 0) write_to(fd, signal);
}

void handle(int signal, bool may_be_ignored) {
  struct sigaction before{};
  if (may_be_ignored && ::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN)
    return;
  struct sigaction action{};
  action.sa_handler = tell_or_end;
  sigfillset(&action.sa_mask);
  (void)::sigaction(signal, &action, nullptr);
}

}  // namespace

void install_signal_handlers() {
  handle(SIGTERM, false);
  handle(SIGINT, true);
  handle(SIGQUIT, true);
  handle(SIGHUP, true);
  (void)::signal(SIGPIPE, SIG_IGN);
  (void)::signal(SIGXFSZ, SIG_IGN);
}

void install_lost_page_handler(const std::string& message) {
  const std::string line = message + '\n';
  lost_page_message_bytes = line.copy(lost_page_message.data(), lost_page_message.size());
  struct sigaction action{};
  action.sa_sigaction = tell_of_lost_page;
  action.sa_flags = SA_SIGINFO;
  sigfillset(&action.sa_mask);
  (void)::sigaction(SIGBUS, &action, nullptr);
}

SignalPipe::SignalPipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw IoError("open", "a pipe", errno);
  read_end_ = Descriptor(ends[0]);
  write_end_ = Descriptor(ends[1]);
  asked_to_end = 0;
  told = write_end_.get();
  struct sigaction action{};
  action.sa_handler = tell;
  action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
  (void)::sigaction(SIGCHLD, &action, nullptr);
}

SignalPipe::~SignalPipe() {
  (void)::signal(SIGCHLD, SIG_DFL);
  told = -1;
}

std::vector<int> SignalPipe::take() const {
  std::vector<int> signals;
  std::array<char, 64> numbers{};
  for (;;) {
    const ssize_t count = ::read(read_end_.get(), numbers.data(), numbers.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return signals;
    signals.insert(signals.end(), numbers.begin(), numbers.begin() + count);
  }
}

void end_by_signal(int signal) {
  remove_files();
  ::_exit(128 + signal);
}

int remove_file_on_signal(const char* path) {
  const std::size_t bytes = std::strlen(path) + 1;
  if (bytes > sizeof Slot::path) return -1;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    Use expected = Use::free;
    if (!slots[i].use.compare_exchange_strong(expected, Use::taken)) continue;
    std::memcpy(slots[i].path, path, bytes);
    slots[i].use = Use::live;
    return static_cast<int>(i);
  }
  return -1;
}

void forget_file(int slot) {
  if (slot >= 0) slots[static_cast<std::size_t>(slot)].use = Use::free;
}

int kill_group_on_signal(pid_t group) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    pid_t expected = 0;
    if (groups[i].compare_exchange_strong(expected, group)) return static_cast<int>(i);
  }
  return -1;
}

void forget_group(int slot) {
  if (slot >= 0) groups[static_cast<std::size_t>(slot)] = 0;
}

}  // namespace gradstep
