#include "steps/pipeline/run/content_hash.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "steps/descriptor.hpp"
#include "steps/error.hpp"

namespace gradstep::pipeline {
namespace {

namespace fs = std::filesystem;

const std::uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
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

std::string TreeHash::of(const fs::path& path) const {
  ContentHash hash;
  add(hash, path);
  return hash.hex();
}

void TreeHash::add(ContentHash& hash, const fs::path& path) const {
  if (!fs::is_directory(path)) {
    add_file(hash, path);
    return;
  }
  std::vector<fs::path> entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(path))
    if (entry.path() != except_) entries.push_back(entry.path());
  std::sort(entries.begin(), entries.end());
  hash.add("folder");
  hash.add(std::to_string(entries.size()));
  for (const fs::path& entry : entries) {
    hash.add(entry.filename().string());
    add(hash, entry);
  }
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
    meanwhile_();
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
