#include "steps/csv/temporary_file.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "steps/error.hpp"

namespace gradstep::csv {
namespace {

constexpr std::int64_t bytes_of_a_request = 128 << 10;  // Linux' own default; disks take more

IoError write_error(int error) {
  return {"write a temporary file in", std::filesystem::temp_directory_path(), error};
}

}  // namespace

Descriptor open_temporary_file() {
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  Descriptor unnamed(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (unnamed.get() >= 0) return unnamed;
  std::string name = folder / "gradstep-XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) throw IoError("create a temporary file in", folder, errno);
  ::unlink(name.c_str());
  return Descriptor(fd);
}

bool is_in_memory(const std::filesystem::path& folder) {
  struct statfs system = {};
  return ::statfs(folder.c_str(), &system) == 0 &&
         (system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC);
}

MappedFile::~MappedFile() {
  if (address_ != nullptr) (void)::munmap(address_, static_cast<std::size_t>(bytes_));
}

void* MappedFile::grow(std::int64_t bytes) {
  int error = EINTR;
  while (error == EINTR) error = ::posix_fallocate(file_.get(), bytes_, bytes - bytes_);
  if (error != 0) throw write_error(error);
  const auto length = static_cast<std::size_t>(bytes);
  void* const mapped =
      address_ == nullptr
          ? ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0)
          : ::mremap(address_, static_cast<std::size_t>(bytes_), length, MREMAP_MAYMOVE);
  if (mapped == MAP_FAILED) throw write_error(errno);
  address_ = mapped;
  bytes_ = bytes;
  // An access would bring in what lies around it, written yet or not: megabytes a column.
  read_ahead(false);
  return mapped;
}

// Outwards to whole pages: what else is on them is not lost either.
void MappedFile::advise(std::int64_t begin, std::int64_t end, int advice) const noexcept {
  const std::int64_t first = begin / page_bytes() * page_bytes();
  const std::int64_t last = std::min(end, bytes_);
  if (begin >= end || first >= last) return;
  (void)::madvise(static_cast<char*>(address_) + first, static_cast<std::size_t>(last - first),
                  advice);
}

void MappedFile::release(std::int64_t begin, std::int64_t end) const noexcept {
  advise(begin, end, MADV_DONTNEED);  // of a shared mapping: the file keeps the bytes
}

// Not sync_file_range to start the writing: on overlayfs it does nothing for mapped pages, which
// belong to the file underneath.
void MappedFile::evict(std::int64_t begin, std::int64_t end) const noexcept {
  if (begin >= end) return;  // a length of 0 would be all that follows
  release(begin, end);
  (void)::posix_fadvise(file_.get(), begin, end - begin, POSIX_FADV_DONTNEED);
}

// In pieces: of one request, the system reads no more than the disk takes at a time.
void MappedFile::prefetch(std::int64_t begin, std::int64_t end) const noexcept {
  const std::int64_t last = std::min(end, bytes_);
  for (; begin < last; begin += bytes_of_a_request)
    advise(begin, std::min(begin + bytes_of_a_request, last), MADV_WILLNEED);
}

void MappedFile::read_ahead(bool in_order) const noexcept {
  advise(0, bytes_, in_order ? MADV_SEQUENTIAL : MADV_RANDOM);
}

std::int64_t MappedFile::page_bytes() {
  static const std::int64_t bytes = ::sysconf(_SC_PAGESIZE);
  return bytes;
}

}  // namespace gradstep::csv
