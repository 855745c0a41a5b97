#pragma once

#include <cstdint>
#include <filesystem>

#include "steps/descriptor.hpp"

namespace gradstep::csv {

/// A new file without a name in $TMPDIR, else /tmp: gone when it is closed, however the program
/// ends. @throws IoError with the folder and the system's reason
[[nodiscard]] Descriptor open_temporary_file();

/// Whether the files of `folder` are kept in memory, as tmpfs keeps them.
[[nodiscard]] bool is_in_memory(const std::filesystem::path& folder);

/// An unnamed temporary file that grows and is mapped into memory. Its pages come and go as the
/// system likes; the bytes stay.
class MappedFile {
 public:
  /// @throws IoError as open_temporary_file()
  MappedFile() : file_(open_temporary_file()) {}
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  /// Makes the file `bytes` long and maps it, at another address where it does not fit in its
  /// place. Takes the space on the disk, so that no later write finds the disk full, unless the
  /// file system copies on write.
  /// @param bytes  at least as many as before, a multiple of page_bytes()
  /// @throws IoError with the folder and the system's reason; then all is as before
  void* grow(std::int64_t bytes);

  /// Takes bytes [begin, end) out of this process's memory; the next access brings them back.
  void release(std::int64_t begin, std::int64_t end) const noexcept;
  /// The same, and out of the system's cache of files: the next access reads the disk. Pages not
  /// yet on the disk start their way there, and stay in the cache.
  void evict(std::int64_t begin, std::int64_t end) const noexcept;
  /// Asks for bytes [begin, end) ahead of their use; without, each page is waited for by itself.
  void prefetch(std::int64_t begin, std::int64_t end) const noexcept;
  /// Whether an access brings in what follows, too, as suits a walk through the whole file; at
  /// first, and after growing, it does not.
  void read_ahead(bool in_order) const noexcept;

  [[nodiscard]] static std::int64_t page_bytes();

 private:
  void advise(std::int64_t begin, std::int64_t end, int advice) const noexcept;

  Descriptor file_;
  void* address_ = nullptr;
  std::int64_t bytes_ = 0;
};

}  // namespace gradstep::csv
