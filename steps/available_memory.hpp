#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace gradstep {

/// The bytes that this process can still take without swapping: what the system says is available,
/// or what the limits of the process's control groups leave, whichever is less. nullopt where
/// neither is told.
///
/// @param root  where proc and sys are; another folder in tests
/// Source: proc(5), MemAvailable; the kernel's cgroup-v2.rst (memory.max) and memory.rst of
/// version 1. Of what a group uses, the file pages that were not used lately count as free.
[[nodiscard]] std::optional<std::int64_t> available_memory(const std::filesystem::path& root = "/");

}  // namespace gradstep
