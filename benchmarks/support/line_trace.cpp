// An assembly line that takes the time of each stage. A program that has this file has it instead
// of kernels/core/parallel.cpp: one thread carries every line, item after item, so that no stage
// waits for another. The file that GRADSTEP_LINE_TRACE names gets of each line, when it is over,
// float64 numbers: when it began and ended (steady_clock, seconds), how many items it had, and of
// each item the seconds that claim, work and commit took. A line that runs within a stage of
// another is part of that stage, and gets no entry.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kernels/core/parallel.hpp"

namespace gradstep {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void append(const std::vector<double>& numbers) {
  const char* const path = std::getenv("GRADSTEP_LINE_TRACE");
  if (path == nullptr) return;
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file.write(reinterpret_cast<const char*>(numbers.data()),
             static_cast<std::streamsize>(numbers.size() * sizeof(double)));
  file.flush();
  if (!file)
    throw std::runtime_error("GRADSTEP_LINE_TRACE: " + std::string(path) + " cannot be written");
}

}  // namespace

void run_in_order(int, const Stages& stages) {
  static bool within_a_stage = false;
  const bool outermost = !std::exchange(within_a_stage, true);
  std::vector<double> trace{now(), 0, 0};
  double before = trace.front();
  const auto lap = [&trace, &before] {
    const double after = now();
    trace.push_back(after - before);
    before = after;
  };
  for (std::int64_t index = 0; stages.claim(index, 0); ++index) {
    lap();
    stages.work(index, 0);
    lap();
    stages.commit(index, 0);
    lap();
    ++trace[2];
  }
  trace[1] = now();
  if (!outermost) return;
  within_a_stage = false;
  append(trace);
}

void for_each_in_order(std::int64_t count, int workers,
                       const std::function<void(std::int64_t, int)>& work,
                       const std::function<void(std::int64_t, int)>& commit) {
  run_in_order(workers, {[count](std::int64_t index, int) { return index < count; }, work, commit});
}

}  // namespace gradstep
