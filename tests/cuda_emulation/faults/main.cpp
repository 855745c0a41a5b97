// faults NAME: does one wrong thing, which must end the program with a report. Those named sound_…
// look suspicious, but are not.
#include <cstdio>
#include <exception>

#include "bench.cuh"

int main(int count, char** arguments) {
  using namespace faults;
  const std::string wanted = count == 2 ? arguments[1] : "";
  for (const Programs* programs :
       {&kernel_faults, &memory_faults, &call_faults, &graph_faults, &twins, &sound_graphs}) {
    const auto found = programs->find(wanted);
    if (found == programs->end()) continue;
    try {
      found->second();
    } catch (const std::exception& error) {
      std::printf("exception: %s\n", error.what());
      return 1;
    }
    return 0;
  }
  std::printf("usage: faults NAME; the names are in CMakeLists.txt\n");
  return 2;
}
