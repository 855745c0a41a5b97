#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gradstep {

/// A control group that this process is in.
struct Cgroup {
  std::string controllers;  ///< with commas between; empty: version 2
  std::filesystem::path path;
};

/// As /proc/self/cgroup lists them. @param root  of the file system
[[nodiscard]] std::vector<Cgroup> cgroups(const std::filesystem::path& root);

}  // namespace gradstep
