#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace gradstep {

/// Creates the folder and its parents where they are missing. @throws IoError
void create_folder(const std::filesystem::path& folder);

/// Writes all bytes to an open file, `path` for messages. @throws IoError (disk full, ...)
void write_all(int fd, std::string_view bytes, const std::filesystem::path& path);

/// A file that appears whole or not at all: written as `.<name>.part-<pid>` beside its final
/// place, renamed by commit(), removed by the destructor or by a signal (steps/signals.hpp).
/// Where the file system refuses rename, the bytes are copied over the final name, which grows
/// while that lasts: there only the folder's marker tells that a file is whole.
class PartFile {
 public:
  /// Creates the part file. @throws IoError
  explicit PartFile(std::filesystem::path final_path);
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile();

  /// Where the bytes are now, for writers that open the path themselves.
  [[nodiscard]] const std::filesystem::path& path() const { return part_; }
  /// Appends. @throws IoError (disk full, …)
  void write(std::string_view bytes);
  /// Ends writing, and learns whether all bytes were taken. @throws IoError
  void close();
  /// Closes unless closed, and renames. @throws IoError
  void commit();

 private:
  std::filesystem::path final_;
  std::filesystem::path part_;
  int fd_ = -1;
  int signal_slot_ = -1;
};

/// A whole file of `bytes`, in a folder that exists. @throws IoError
void write_whole(const std::filesystem::path& path, std::string_view bytes);

/// Removes a file, if it is there. @throws IoError
void remove_if_there(const std::filesystem::path& path);

/// A folder that results go to. It may exist and may be a mount point: it is created when missing,
/// never renamed or removed, and files that are not ours are left alone. It is whole when its
/// marker file is there; an older marker is removed first and ours is written last.
class OutputFolder {
 public:
  /// Creates the folder and removes an older marker. @throws IoError
  OutputFolder(std::filesystem::path folder, std::string marker);

  [[nodiscard]] const std::filesystem::path& path() const { return folder_; }
  /// Writes `bytes` to `name` (a path within the folder; its parents are created), whole.
  void write(const std::filesystem::path& name, std::string_view bytes) const;
  /// Writes the marker: the last act.
  void finish(std::string_view bytes) const;

 private:
  std::filesystem::path folder_;
  std::string marker_;
};

}  // namespace gradstep
