#pragma once

namespace gradstep {

/// How many threads this process may keep busy: the smaller of its affinity mask and the cgroup's
/// cpu.max (v2) or cfs quota (v1), rounded up; at least 1. Not the host's cores.
[[nodiscard]] int usable_threads();

}  // namespace gradstep
