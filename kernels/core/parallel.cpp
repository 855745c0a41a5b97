#include "kernels/core/parallel.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace gradstep {
namespace {

class Line {
 public:
  explicit Line(const Stages& stages) : stages_(stages) {}

  void run(int worker) {
    std::exception_ptr failure;
    for (std::int64_t index = claim(worker, failure); index >= 0; index = claim(worker, failure)) {
      if (!failure) failure = attempt(stages_.work, index, worker);
      if (!commit(index, worker, failure)) return;
    }
  }

  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  using Stage = std::function<void(std::int64_t, int)>;

  static std::exception_ptr attempt(const Stage& stage, std::int64_t index, int worker) {
    try {
      stage(index, worker);
      return nullptr;
    } catch (...) {
      return std::current_exception();
    }
  }

  // The index taken, or -1 at the end. A claim that throws still takes its index, so that the
  // failure waits for its turn like any other.
  std::int64_t claim(int worker, std::exception_ptr& failure) {
    const std::scoped_lock lock(claiming_);
    if (exhausted_) return -1;
    bool more = true;
    failure = attempt([&](std::int64_t index, int who) { more = stages_.claim(index, who); }, next_,
                      worker);
    if (failure || !more) exhausted_ = true;
    return more || failure ? next_++ : -1;
  }

  // False when the line has stopped, here or elsewhere.
  bool commit(std::int64_t index, int worker, std::exception_ptr failure) {
    std::unique_lock lock(committing_);
    turn_changed_.wait(lock, [&] { return turn_ == index || failure_ != nullptr; });
    if (failure_) return false;
    if (!failure) failure = attempt(stages_.commit, index, worker);
    failure_ = failure;
    ++turn_;
    turn_changed_.notify_all();
    return failure_ == nullptr;
  }

  const Stages& stages_;
  std::mutex claiming_;
  std::int64_t next_ = 0;
  bool exhausted_ = false;
  std::mutex committing_;
  std::condition_variable turn_changed_;
  std::int64_t turn_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

void run_in_order(int workers, const Stages& stages) {
  Line line(stages);
  {
    std::vector<std::jthread> others;
    try {
      for (int worker = 1; worker < workers; ++worker)
        others.emplace_back([&line, worker] { line.run(worker); });
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
      // No more threads to be had (a limit on processes): those that run carry the line.
    }
    line.run(0);
  }
  line.rethrow();
}

void for_each_in_order(std::int64_t count, int workers,
                       const std::function<void(std::int64_t, int)>& work,
                       const std::function<void(std::int64_t, int)>& commit) {
  const auto useful = static_cast<int>(std::clamp<std::int64_t>(count, 1, std::max(workers, 1)));
  run_in_order(useful, {[count](std::int64_t index, int) { return index < count; }, work, commit});
}

}  // namespace gradstep
