#include "steps/pipeline/run/tree_entry.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "steps/error.hpp"

namespace gradstep::pipeline {

namespace fs = std::filesystem;

TreeEntry entry_at(const fs::path& path, const std::vector<FileId>& around) {
  TreeEntry entry;
  const bool leads_somewhere = ::stat(path.c_str(), &entry.status) == 0;
  if (!leads_somewhere && errno != ENOENT && errno != ELOOP && errno != ENOTDIR)
    throw IoError("read", path, errno);
  const bool leads_back = leads_somewhere && S_ISDIR(entry.status.st_mode) &&
                          std::find(around.begin(), around.end(), entry.id()) != around.end();
  if (!leads_somewhere || leads_back) {
    if (::lstat(path.c_str(), &entry.status) != 0) throw IoError("read", path, errno);
    if (S_ISLNK(entry.status.st_mode)) entry.kind = EntryKind::link;
    return entry;
  }
  if (S_ISDIR(entry.status.st_mode)) entry.kind = EntryKind::folder;
  if (S_ISREG(entry.status.st_mode)) entry.kind = EntryKind::file;
  return entry;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  fs::directory_iterator next(folder, error);
  for (; !error && next != fs::directory_iterator(); next.increment(error))
    entries.push_back(next->path());
  if (error) throw IoError("read", folder, error.value());
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool is_same(const fs::path& one, const fs::path& other) {
  std::error_code error;
  return fs::equivalent(one, other, error) && !error;
}

}  // namespace gradstep::pipeline
