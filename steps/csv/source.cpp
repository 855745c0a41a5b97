#include "steps/csv/source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "kernels/core/error.hpp"
#include "steps/descriptor.hpp"
#include "steps/error.hpp"

namespace gradstep::csv {
namespace {

constexpr std::size_t spool_bytes = 1 << 20;

// A file without a name: gone when it is closed, however the program ends.
Descriptor open_spool() {
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  Descriptor unnamed(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (unnamed.get() >= 0) return Descriptor(unnamed.release());
  std::string name = folder / "gradstep-XXXXXX";
  const int fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) throw IoError("create a temporary file in", folder, errno);
  ::unlink(name.c_str());
  return Descriptor(fd);
}

void write_all(int fd, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0)
      throw IoError("write a temporary file in", std::filesystem::temp_directory_path(), errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

// Copies what cannot be read twice.
int spool(int from, const std::string& name) {
  Descriptor copy = open_spool();
  std::vector<char> buffer(spool_bytes);
  while (true) {
    const ssize_t length = ::read(from, buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) throw IoError("read", name, errno);
    if (length == 0) return copy.release();
    write_all(copy.get(), std::span(buffer).first(static_cast<std::size_t>(length)));
  }
}

// `from` itself when it can be read at any offset, else a copy of what comes out of it.
int seekable(Descriptor from, const std::string& name) {
  struct stat status = {};
  if (::fstat(from.get(), &status) != 0) throw IoError("read", name, errno);
  if (S_ISDIR(status.st_mode)) throw IoError("read", name, EISDIR);
  const bool from_its_start = S_ISREG(status.st_mode) && ::lseek(from.get(), 0, SEEK_CUR) == 0;
  return from_its_start ? from.release() : spool(from.get(), name);
}

bool is_csv(const std::filesystem::directory_entry& entry) {
  const std::string name = entry.path().filename();
  return name[0] != '.' && entry.path().extension() == ".csv" && !entry.is_directory();
}

}  // namespace

Source::Source(const std::filesystem::path& path) : fd_(-1), name_(path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw IoError("open", path, errno);
  fd_ = seekable(Descriptor(file.release()), name_);
}

std::shared_ptr<const Source> Source::standard_input() {
  const std::string name = "<stdin>";
  const int fd = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) throw IoError("read", name, errno);
  return std::shared_ptr<const Source>(new Source(seekable(Descriptor(fd), name), name));
}

Source::~Source() { ::close(fd_); }

std::int64_t Source::size() const {
  struct stat status = {};
  if (::fstat(fd_, &status) != 0) throw IoError("read", name_, errno);
  return status.st_size;
}

std::int64_t Source::read(std::int64_t offset, std::span<char> to) const {
  std::size_t done = 0;
  while (done < to.size()) {
    const ssize_t length = ::pread(fd_, to.data() + done, to.size() - done,
                                   static_cast<off_t>(offset + static_cast<std::int64_t>(done)));
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) throw IoError("read", name_, errno);
    if (length == 0) break;
    done += static_cast<std::size_t>(length);
  }
  return static_cast<std::int64_t>(done);
}

std::vector<std::shared_ptr<const Source>> open_sources(const std::string& argument) {
  if (argument == "-") return {Source::standard_input()};
  if (!std::filesystem::is_directory(argument)) return {std::make_shared<const Source>(argument)};
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  auto entry = std::filesystem::directory_iterator(argument, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    if (is_csv(*entry)) paths.push_back(entry->path());
  if (error) throw IoError("read", argument, error.value());
  if (paths.empty())
    throw DataError(argument + ": found no *.csv file in the folder, expected at least one");
  std::ranges::sort(paths);
  std::vector<std::shared_ptr<const Source>> sources;
  sources.reserve(paths.size());
  for (const std::filesystem::path& path : paths)
    sources.push_back(std::make_shared<const Source>(path));
  return sources;
}

}  // namespace gradstep::csv
