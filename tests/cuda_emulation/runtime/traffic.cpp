#include "runtime/traffic.hpp"

#include <cstdio>
#include <cstdlib>
#include <map>

#include "runtime/fault.hpp"

namespace emulation {
namespace {

std::map<std::string, Traffic>& by_kernel() {
  static auto* all = new std::map<std::string, Traffic>;  // outlives the report at exit
  return *all;
}

Traffic& operator+=(Traffic& sum, const Traffic& more) {
  sum.launches += more.launches;
  sum.read += more.read;
  sum.read_once += more.read_once;
  sum.written += more.written;
  sum.written_once += more.written_once;
  sum.read_of_chosen += more.read_of_chosen;
  sum.atomics += more.atomics;
  return sum;
}

const AtExit traffic_table([] {
  if (std::getenv("EMULATION_TRAFFIC") == nullptr || !tracing()) return;
  std::fprintf(stderr, "%9s %14s %14s %14s %14s %9s  kernel\n", "launches", "B read", "once",
               "B written", "once", "atomics");
  for (const auto& [name, t] : by_kernel())
    std::fprintf(stderr, "%9lu %14lu %14lu %14lu %14lu %9lu  %s\n", t.launches, t.read, t.read_once,
                 t.written, t.written_once, t.atomics, name.c_str());
});

}  // namespace

bool tracing() {
#ifdef EMULATION_TRACING
  return true;
#else
  return false;
#endif
}

void add_traffic(const std::string& kernel, const Traffic& traffic) {
  by_kernel()[kernel] += traffic;
}

Traffic traffic_of(const std::string& part_of_name) {
  Traffic sum;
  for (const auto& [name, traffic] : by_kernel())
    if (name.find(part_of_name) != std::string::npos) sum += traffic;
  return sum;
}

void reset_traffic() { by_kernel().clear(); }

}  // namespace emulation
