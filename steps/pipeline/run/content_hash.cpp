#include "steps/pipeline/run/content_hash.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "steps/descriptor.hpp"
#include "steps/error.hpp"

namespace gradstep::pipeline {
namespace {

namespace fs = std::filesystem;

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{1'000'000'000} * time.tv_sec + time.tv_nsec;
}

}  // namespace

void ContentHash::add(std::string_view text) {
  const std::string length = std::to_string(text.size()) + ':';
  SHA256Update(&state_, bytes_of(length), length.size());
  SHA256Update(&state_, bytes_of(text), text.size());
}

std::string ContentHash::hex() {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  SHA256Final(digest.data(), &state_);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string TreeHash::of(const fs::path& path) {
  std::string stamp = stamp_of(path);
  Known& known = known_[path];
  if (known.stamp != stamp) {
    Walk walk{true, except()};
    add(walk, path);
    known = {std::move(stamp), walk.hash.hex()};
  }
  return known.hash;
}

FileId TreeHash::except() const {
  struct stat status{};
  if (except_.empty() || ::stat(except_.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino};
}

// The kernel's clock for files is coarse. What was written just now could be written once more
// without a new time: hence the moment in which nothing may change.
std::string TreeHash::stamp_of(const fs::path& path) const {
  constexpr std::int64_t tick = 20'000'000;  // ns; that of Linux is 10 ms at most
  for (bool again = false;; again = true) {
    Walk walk{false, except()};
    add(walk, path);
    timespec now{};
    (void)::clock_gettime(CLOCK_REALTIME, &now);
    const std::int64_t age = nanoseconds(now) - nanoseconds(walk.newest);
    if (again || age < 0 || age > tick) return walk.hash.hex();
    const timespec rest{0, tick};
    (void)::nanosleep(&rest, nullptr);
  }
}

void TreeHash::add(Walk& walk, const fs::path& path) const {
  const TreeEntry entry = entry_at(path, walk.around);
  if (!walk.reads_bytes) {
    const struct stat& status = entry.status;
    walk.newest = std::max(walk.newest, status.st_ctim, [](const timespec& a, const timespec& b) {
      return nanoseconds(a) < nanoseconds(b);
    });
    for (const std::int64_t number :
         {static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
          static_cast<std::int64_t>(status.st_mode), static_cast<std::int64_t>(status.st_size),
          nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)})
      walk.hash.add(std::to_string(number));
  }
  switch (entry.kind) {
    case EntryKind::folder:
      add_folder(walk, path, entry);
      return;
    case EntryKind::file:
      if (walk.reads_bytes) add_file(walk.hash, path);
      return;
    case EntryKind::link:
      walk.hash.add("link");
      walk.hash.add(fs::read_symlink(path).string());
      return;
    case EntryKind::other:
      throw IoError("read", path, EINVAL);  // a pipe, a device
  }
}

void TreeHash::add_folder(Walk& walk, const fs::path& path, const TreeEntry& entry) const {
  walk.hash.add("folder");
  walk.around.push_back(entry.id());
  for (const fs::path& inner : entries_of(path)) {
    struct stat status{};
    if (::stat(inner.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
        FileId{status.st_dev, status.st_ino} == walk.except)
      continue;
    walk.hash.add(inner.filename().string());
    add(walk, inner);
  }
  walk.hash.add("");  // no name: the end
  walk.around.pop_back();
}

void TreeHash::add_file(ContentHash& hash, const fs::path& path) const {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) throw IoError("read", path, errno);
  if (!S_ISREG(status.st_mode)) throw IoError("read", path, EINVAL);  // a pipe, a device
  hash.add((status.st_mode & S_IXUSR) != 0 ? "program" : "file");
  std::vector<char> block(std::size_t{1} << 20);
  ContentHash content;
  for (;;) {
    if (!goes_on_()) throw IoError("read", path, ECANCELED);
    const ssize_t count = ::read(file.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw IoError("read", path, errno);
    if (count == 0) break;
    SHA256Update(&content.state_, bytes_of({block.data(), block.size()}),
                 static_cast<std::size_t>(count));
  }
  hash.add(content.hex());
}

}  // namespace gradstep::pipeline
