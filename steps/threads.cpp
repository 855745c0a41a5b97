#include "steps/threads.hpp"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "steps/cgroups.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

/// The files of one controller in one group: what they say about CPUs.
using ReadLimit = std::optional<double> (*)(const fs::path& group);

// cpu.max: "<quota or max> <period>", in microseconds.
std::optional<double> limit_v2(const fs::path& group) {
  std::ifstream file(group / "cpu.max");
  double quota = 0;
  double period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

std::optional<double> limit_v1(const fs::path& group) {
  std::ifstream quota_file(group / "cpu.cfs_quota_us");
  std::ifstream period_file(group / "cpu.cfs_period_us");
  double quota = 0;  // -1: no limit
  double period = 0;
  if (!(quota_file >> quota) || !(period_file >> period) || quota <= 0 || period <= 0)
    return std::nullopt;
  return quota / period;
}

// A limit of any group above holds as well. Inside a container the path may name a group that only
// the host sees; what is mounted here is then the container's own group, reached at the end.
std::optional<double> smallest_limit(const fs::path& mount, fs::path group, ReadLimit read) {
  std::optional<double> smallest;
  for (group = group.relative_path();; group = group.parent_path()) {
    const std::optional<double> limit = read(mount / group);
    if (limit && (!smallest || *limit < *smallest)) smallest = limit;
    if (group.empty()) return smallest;
  }
}

bool lists(const std::string& controllers, const std::string& wanted) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');)
    if (name == wanted) return true;
  return false;
}

int affinity_cpus() {
  // The mask must be as long as the kernel's, which is longer than cpu_set_t on large hosts.
  for (std::size_t cpus = CPU_SETSIZE; cpus <= (std::size_t{1} << 20); cpus *= 2) {
    std::vector<unsigned long> mask(cpus / (8 * sizeof(unsigned long)));
    auto* set = reinterpret_cast<cpu_set_t*>(mask.data());
    const std::size_t bytes = mask.size() * sizeof(unsigned long);
    if (::sched_getaffinity(0, bytes, set) == 0) return CPU_COUNT_S(bytes, set);
    if (errno != EINVAL) break;
  }
  return static_cast<int>(std::thread::hardware_concurrency());
}

}  // namespace

std::optional<double> cgroup_cpus(const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  std::optional<double> smallest;
  for (const auto& [controllers, group] : cgroups(root)) {
    std::optional<double> limit;
    if (controllers.empty()) {
      limit = smallest_limit(mounts, group, limit_v2);
    } else if (lists(controllers, "cpu")) {
      const bool joint = fs::exists(mounts / controllers);
      limit = smallest_limit(mounts / (joint ? controllers : "cpu"), group, limit_v1);
    }
    if (limit && (!smallest || *limit < *smallest)) smallest = limit;
  }
  return smallest;
}

int usable_threads() {
  double cpus = std::max(affinity_cpus(), 1);
  if (const std::optional<double> limit = cgroup_cpus()) cpus = std::min(cpus, std::ceil(*limit));
  return std::max(static_cast<int>(cpus), 1);
}

}  // namespace gradstep
