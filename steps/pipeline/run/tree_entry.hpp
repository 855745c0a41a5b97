#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <utility>
#include <vector>

namespace gradstep::pipeline {

/// Tells one file or folder from another, by whatever path it is named.
using FileId = std::pair<dev_t, ino_t>;

/// What stands at a path of a tree that is hashed or copied. Links are followed, but for those that
/// lead nowhere or to a folder that they lie in: these are links.
enum class EntryKind { folder, file, link, other };

struct TreeEntry {
  EntryKind kind = EntryKind::other;
  struct stat status{};  ///< of what a link leads to; of itself for EntryKind::link

  [[nodiscard]] FileId id() const { return {status.st_dev, status.st_ino}; }
};

/// @param around  the folders that the path lies in, as far as the tree goes
/// @throws IoError
[[nodiscard]] TreeEntry entry_at(const std::filesystem::path& path,
                                 const std::vector<FileId>& around);

/// The paths in a folder, sorted. @throws IoError
[[nodiscard]] std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

/// Whether both paths name the same file or folder that is there.
[[nodiscard]] bool is_same(const std::filesystem::path& one, const std::filesystem::path& other);

}  // namespace gradstep::pipeline
