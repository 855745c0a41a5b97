// Plays assembly lines on real threads that sleep where they would work, so that there may be more
// of them than cores: what a simulation of run_in_order says can be held against run_in_order. Two
// cores are needed: claims and commits, of which one each goes on at a time, spin, since they can
// be shorter than waking up takes.
//
//     line_replay TRACE THREADS
//
// TRACE is as benchmarks/support/line_trace.cpp writes it. Prints the seconds that all lines took.

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "kernels/core/parallel.hpp"

namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

std::vector<double> numbers_of(const std::filesystem::path& path) {
  std::vector<double> numbers(std::filesystem::file_size(path) / sizeof(double));
  std::ifstream file(path, std::ios::binary);
  // The bytes of the file are the numbers.
  file.read(reinterpret_cast<char*>(numbers.data()),
            static_cast<std::streamsize>(numbers.size() * sizeof(double)));
  if (!file) throw std::runtime_error(path.string() + " cannot be read");
  return numbers;
}

// Wakes up at the right time: Linux lets a sleeping thread sleep 50 us longer otherwise.
void sleep_for(double seconds) {
  thread_local const int precise = ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  static_cast<void>(precise);
  std::this_thread::sleep_for(Seconds(seconds));
}

void spin_for(double seconds) {
  const auto end = Clock::now() + Seconds(seconds);
  while (Clock::now() < end) {
  }
}

// @param stages  of each item: claim, work, commit
double replay(std::span<const double> stages, int threads) {
  const auto items = std::ssize(stages) / 3;
  const auto seconds = [stages](std::int64_t item, std::int64_t stage) {
    return stages[static_cast<std::size_t>(3 * item + stage)];
  };
  const auto start = Clock::now();
  gradstep::run_in_order(threads, {[&](std::int64_t item, int) {
                                     if (item == items) return false;
                                     spin_for(seconds(item, 0));
                                     return true;
                                   },
                                   [&](std::int64_t item, int) { sleep_for(seconds(item, 1)); },
                                   [&](std::int64_t item, int) { spin_for(seconds(item, 2)); }});
  return Seconds(Clock::now() - start).count();
}

double replay_all(std::span<const double> trace, int threads) {
  double total = 0;
  while (!trace.empty()) {
    const auto items = static_cast<std::int64_t>(trace[2]);
    const auto length = static_cast<std::size_t>(3 * items);
    const auto useful = static_cast<int>(std::clamp<std::int64_t>(items, 1, threads));
    total += replay(trace.subspan(3, length), useful);
    trace = trace.subspan(3 + length);
  }
  return total;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::runtime_error("usage: line_replay TRACE THREADS");
    std::cout << replay_all(numbers_of(argv[1]), std::stoi(argv[2])) << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "line_replay: " << error.what() << '\n';
    return 1;
  }
}
