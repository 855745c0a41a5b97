#pragma once

#include <sha2.h>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

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
/// link points to counts as if it stood there.
class TreeHash {
 public:
  /// @param meanwhile  called now and then: a large file takes seconds
  /// @param except     a folder that is left out wherever it turns up
  TreeHash(std::function<void()> meanwhile, std::filesystem::path except)
      : meanwhile_(std::move(meanwhile)), except_(std::move(except)) {}

  /// @throws IoError
  [[nodiscard]] std::string of(const std::filesystem::path& path) const;

 private:
  void add(ContentHash& hash, const std::filesystem::path& path) const;
  void add_file(ContentHash& hash, const std::filesystem::path& path) const;

  std::function<void()> meanwhile_;
  std::filesystem::path except_;
};

}  // namespace gradstep::pipeline
