#include "steps/csv/source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "kernels/core/error.hpp"
#include "steps/csv/read_waiting.hpp"
#include "steps/csv/temporary_file.hpp"
#include "steps/descriptor.hpp"
#include "steps/error.hpp"

namespace gradstep::csv {
namespace {

constexpr std::size_t spool_bytes = 1 << 20;

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
Descriptor spool(int from, const std::string& name) {
  Descriptor copy = open_temporary_file();
  std::vector<char> buffer(spool_bytes);
  while (true) {
    const std::size_t length = read_waiting(from, buffer, name);
    if (length == 0) return copy;
    write_all(copy.get(), std::span(buffer).first(length));
  }
}

// Whether the file can be read at any offset. @throws IoError for a folder
bool is_seekable(int fd, const std::string& name) {
  struct stat status = {};
  if (::fstat(fd, &status) != 0) throw IoError("read", name, errno);
  if (S_ISDIR(status.st_mode)) throw IoError("read", name, EISDIR);
  return S_ISREG(status.st_mode) && ::lseek(fd, 0, SEEK_CUR) == 0;
}

Descriptor open_file(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) throw IoError("open", path, errno);
  return file;
}

bool is_csv(const std::filesystem::directory_entry& entry) {
  const std::string name = entry.path().filename();
  return name[0] != '.' && entry.path().extension() == ".csv" && !entry.is_directory();
}

}  // namespace

Source::Source(Descriptor from, std::string name, Reading reading)
    : file_(std::move(from)), name_(std::move(name)) {
  if (is_seekable(file_.get(), name_)) return;
  if (reading == Reading::anywhere)
    file_ = spool(file_.get(), name_);
  else
    pipe_ = std::make_unique<PipeWindow>(file_.get(), name_);
}

Source::Source(const std::filesystem::path& path, Reading reading)
    : Source(open_file(path), path, reading) {}

Source::~Source() = default;

std::shared_ptr<const Source> Source::standard_input(Reading reading) {
  const std::string name = "<stdin>";
  Descriptor copy(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
  if (copy.get() < 0) throw IoError("read", name, errno);
  return std::shared_ptr<const Source>(new Source(std::move(copy), name, reading));
}

std::int64_t Source::size() const {
  if (pipe_) return 0;
  struct stat status = {};
  if (::fstat(file_.get(), &status) != 0) throw IoError("read", name_, errno);
  return status.st_size;
}

std::int64_t Source::read(std::int64_t offset, std::span<char> to) const {
  if (pipe_) return pipe_->read(offset, to);
  std::size_t done = 0;
  while (done < to.size()) {
    const ssize_t length = ::pread(file_.get(), to.data() + done, to.size() - done,
                                   static_cast<off_t>(offset + static_cast<std::int64_t>(done)));
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) throw IoError("read", name_, errno);
    if (length == 0) break;
    done += static_cast<std::size_t>(length);
  }
  return static_cast<std::int64_t>(done);
}

void Source::forget(std::int64_t offset) const {
  if (pipe_) pipe_->forget(offset);
}

std::int64_t Source::line_at(std::int64_t offset) const {
  if (pipe_) return pipe_->line_at(offset);
  constexpr std::int64_t chunk = 1 << 20;
  std::vector<char> text(static_cast<std::size_t>(std::min(chunk, offset)));
  LineCounter lines;
  for (std::int64_t at = 0; at < offset;) {
    text.resize(static_cast<std::size_t>(std::min(chunk, offset - at)));
    const std::int64_t length = read(at, text);
    if (length == 0) break;
    lines.add({text.data(), static_cast<std::size_t>(length)});
    at += length;
  }
  return lines.line();
}

std::vector<std::shared_ptr<const Source>> open_sources(const std::string& argument,
                                                        Reading reading) {
  if (argument == "-") return {Source::standard_input(reading)};
  if (!std::filesystem::is_directory(argument))
    return {std::make_shared<const Source>(argument, reading)};
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
    sources.push_back(std::make_shared<const Source>(path, reading));
  return sources;
}

}  // namespace gradstep::csv
