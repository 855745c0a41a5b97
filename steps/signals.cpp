#include "steps/signals.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <climits>
#include <cstring>

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

extern "C" void remove_files_and_end(int signal) {
  for (Slot& slot : slots)
    if (slot.use.load() == Use::live) (void)::unlink(slot.path);
  ::_exit(128 + signal);
}

void handle(int signal, bool may_be_ignored) {
  struct sigaction before{};
  if (may_be_ignored && ::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN)
    return;
  struct sigaction action{};
  action.sa_handler = remove_files_and_end;
  sigfillset(&action.sa_mask);
  (void)::sigaction(signal, &action, nullptr);
}

}  // namespace

void install_signal_handlers() {
  handle(SIGTERM, false);
  handle(SIGINT, true);
  handle(SIGHUP, true);
  (void)::signal(SIGPIPE, SIG_IGN);
  (void)::signal(SIGXFSZ, SIG_IGN);
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

}  // namespace gradstep
