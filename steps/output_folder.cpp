#include "steps/output_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "steps/descriptor.hpp"
#include "steps/error.hpp"
#include "steps/signals.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

fs::path part_path(const fs::path& final_path) {
  // The longest name a file may have is 255 bytes; the part's own words take up to 20 of them.
  const std::string name = final_path.filename().string().substr(0, 230);
  return final_path.parent_path() / ("." + name + ".part-" + std::to_string(::getpid()));
}

int open_or_throw(const char* action, const fs::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  if (fd < 0) throw IoError(action, path, errno);
  return fd;
}

int open_for_writing(const fs::path& path) {
  return open_or_throw("write", path, O_WRONLY | O_CREAT | O_TRUNC);
}

// Some file systems report a full disk or a lost server only here.
void close_written(int fd, const fs::path& path) {
  if (::close(fd) != 0 && errno != EINTR) throw IoError("write", path, errno);
}

// Not an error of the disk: a blob store, or a file that is a mount point, has no rename.
bool refuses_rename(int error) {
  constexpr std::array refusals = {EPERM, EACCES, EXDEV, ENOSYS, EOPNOTSUPP, EINVAL, EBUSY};
  return std::find(refusals.begin(), refusals.end(), error) != refusals.end();
}

// A file being written under its final name: removed unless kept, by a signal too.
class Provisional {
 public:
  explicit Provisional(const fs::path& path)
      : path_(path), slot_(remove_file_on_signal(path.c_str())) {}
  Provisional(const Provisional&) = delete;
  Provisional& operator=(const Provisional&) = delete;
  ~Provisional() {
    if (!kept_) (void)::unlink(path_.c_str());
    forget_file(slot_);
  }
  void begin() { kept_ = false; }
  void keep() { kept_ = true; }

 private:
  const fs::path& path_;
  int slot_;
  bool kept_ = true;  // until its first byte may be there
};

void copy_over(const fs::path& from, const fs::path& to) {
  const Descriptor in(open_or_throw("read", from, O_RDONLY));
  Provisional copy(to);
  Descriptor out(open_for_writing(to));
  copy.begin();
  std::vector<char> block(std::size_t{1} << 20);
  for (;;) {
    const ssize_t count = ::read(in.get(), block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw IoError("read", from, errno);
    if (count == 0) break;
    write_all(out.get(), {block.data(), static_cast<std::size_t>(count)}, to);
  }
  close_written(out.release(), to);
  copy.keep();
}

}  // namespace

void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw IoError("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void create_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw IoError("create folder", folder, error.value());
  if (!fs::is_directory(folder)) throw IoError("create folder", folder, ENOTDIR);
}

PartFile::PartFile(fs::path final_path)
    : final_(std::move(final_path)),
      part_(part_path(final_)),
      signal_slot_(remove_file_on_signal(part_.c_str())) {
  fd_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd_ >= 0) return;
  const int error = errno;
  forget_file(signal_slot_);
  throw IoError("write", final_, error);
}

PartFile::~PartFile() {
  if (fd_ >= 0) (void)::close(fd_);
  (void)::unlink(part_.c_str());
  forget_file(signal_slot_);
}

void PartFile::write(std::string_view bytes) { write_all(fd_, bytes, final_); }

void PartFile::close() {
  if (fd_ >= 0) close_written(std::exchange(fd_, -1), final_);
}

void PartFile::commit() {
  close();
  if (::rename(part_.c_str(), final_.c_str()) == 0) return;
  if (!refuses_rename(errno)) throw IoError("write", final_, errno);
  copy_over(part_, final_);
}

void write_whole(const fs::path& path, std::string_view bytes) {
  PartFile file(path);
  file.write(bytes);
  file.commit();
}

void remove_if_there(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw IoError("remove", path, errno);
}

OutputFolder::OutputFolder(fs::path folder, std::string marker)
    : folder_(std::move(folder)), marker_(std::move(marker)) {
  create_folder(folder_);
  remove_if_there(folder_ / marker_);
}

void OutputFolder::write(const fs::path& name, std::string_view bytes) const {
  const fs::path path = folder_ / name;
  create_folder(path.parent_path());
  write_whole(path, bytes);
}

void OutputFolder::finish(std::string_view bytes) const { write(marker_, bytes); }

}  // namespace gradstep
