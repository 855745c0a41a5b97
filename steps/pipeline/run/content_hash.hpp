#pragma once

#include <sha2.h>
#include <time.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steps/pipeline/run/tree_entry.hpp"

namespace gradstep::pipeline {

/// SHA-256 of a row of texts; where one ends and the next begins counts.
class ContentHash {
 public:
  ContentHash() { SHA256Init(&state_); }
  void add(std::string_view text);
  /// 64 hexadecimal digits. The last call.
  [[nodiscard]] std::string hex();

 private:
  friend class TreeHash;
  SHA2_CTX state_{};
};

/// Hashes of files and folders: names, bytes, and whether a file may be executed; not times. What a
/// link points to counts as if it stood there, unless it leads nowhere or back (EntryKind).
class TreeHash {
 public:
  /// @param goes_on  called now and then, as a large file takes seconds; false: stop
  /// @param except   a folder that is left out wherever it turns up
  TreeHash(std::function<bool()> goes_on, std::filesystem::path except)
      : goes_on_(std::move(goes_on)), except_(std::move(except)) {}

  /// Reads again only what has changed since the last time, by inode, size and times.
  /// @throws IoError  also when it was stopped
  [[nodiscard]] std::string of(const std::filesystem::path& path);

 private:
  struct Known {
    std::string stamp;
    std::string hash;
  };
  /// One way through a tree, for its stamp or its hash.
  struct Walk {
    bool reads_bytes;
    FileId except;
    ContentHash hash = {};
    timespec newest = {};  ///< change in the tree
    std::vector<FileId> around = {};
  };

  [[nodiscard]] FileId except() const;
  [[nodiscard]] std::string stamp_of(const std::filesystem::path& path) const;
  void add(Walk& walk, const std::filesystem::path& path) const;
  void add_folder(Walk& walk, const std::filesystem::path& path, const TreeEntry& entry) const;
  void add_file(ContentHash& hash, const std::filesystem::path& path) const;

  std::function<bool()> goes_on_;
  std::filesystem::path except_;
  std::map<std::filesystem::path, Known> known_;
};

}  // namespace gradstep::pipeline
