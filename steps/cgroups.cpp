#include "steps/cgroups.hpp"

#include <fstream>

namespace gradstep {

std::vector<Cgroup> cgroups(const std::filesystem::path& root) {
  std::vector<Cgroup> found;
  // Each line: "<hierarchy>:<controllers>:<path>"; v2 is hierarchy 0 without controllers.
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    found.push_back({line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return found;
}

}  // namespace gradstep
