#include "steps/available_memory.hpp"

#include <algorithm>
#include <fstream>
#include <string>

#include "steps/cgroups.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;
using Bytes = std::optional<std::int64_t>;

/// The number behind a name at the start of a line.
Bytes entry(const fs::path& file, const std::string& name) {
  std::ifstream lines(file);
  for (std::string word; lines >> word;) {
    std::int64_t value = 0;
    if (word == name && lines >> value) return value;
    std::getline(lines, word);
  }
  return std::nullopt;
}

Bytes number(const fs::path& file) {
  std::ifstream text(file);
  std::int64_t value = 0;
  if (text >> value) return value;  // "max" is no limit
  return std::nullopt;
}

Bytes smaller(const Bytes& a, const Bytes& b) { return a && b ? std::min(*a, *b) : a ? a : b; }

/// What is left of a group's limit.
Bytes left(const fs::path& group, const char* limit_name, const char* used_name,
           const char* idle_name) {
  const Bytes limit = number(group / limit_name);
  const Bytes used = number(group / used_name);
  if (!limit || !used) return std::nullopt;
  const std::int64_t idle = entry(group / "memory.stat", idle_name).value_or(0);
  return std::max<std::int64_t>(*limit - *used + idle, 0);
}

// A limit of any group above holds as well, up to what is mounted here: see threads.cpp.
Bytes left_in_groups(const fs::path& mounts, fs::path group) {
  Bytes least;
  for (group = group.relative_path();; group = group.parent_path()) {
    least = smaller(least, left(mounts / group, "memory.max", "memory.current", "inactive_file"));
    least = smaller(least, left(mounts / "memory" / group, "memory.limit_in_bytes",
                                "memory.usage_in_bytes", "total_inactive_file"));
    if (group.empty()) return least;
  }
}

}  // namespace

std::optional<std::int64_t> available_memory(const fs::path& root) {
  Bytes least = entry(root / "proc/meminfo", "MemAvailable:");
  if (least) *least *= 1024;
  for (const auto& [controllers, group] : cgroups(root))
    if (controllers.empty() || controllers.find("memory") != std::string::npos)
      least = smaller(least, left_in_groups(root / "sys/fs/cgroup", group));
  return least;
}

}  // namespace gradstep
