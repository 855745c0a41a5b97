#pragma once

#include <filesystem>
#include <optional>

namespace gradstep {

/// How many threads this process may keep busy: the smaller of its affinity mask and the cgroup's
/// cpu.max (v2) or cfs quota (v1), rounded up; at least 1. Not the host's cores.
[[nodiscard]] int usable_threads();

/// The CPUs that this process' cgroup and the groups above it may use, nullopt without a limit.
/// @param root  where /proc and /sys are looked for
[[nodiscard]] std::optional<double> cgroup_cpus(const std::filesystem::path& root = "/");

}  // namespace gradstep
