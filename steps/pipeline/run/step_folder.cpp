#include "steps/pipeline/run/step_folder.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "steps/error.hpp"
#include "steps/output_folder.hpp"
#include "steps/pipeline/run/tree_entry.hpp"

namespace gradstep::pipeline {
namespace {

namespace fs = std::filesystem;

std::string utc_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  (void)::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts)};
}

std::string as_file_name(std::string name) {
  std::replace_if(
      name.begin(), name.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '-' && c != '.'; },
      '_');
  return name.substr(0, 100);
}

/// Copies what is in a folder of code, without `except`.
void copy_code(const fs::path& from, const fs::path& to, const fs::path& except,
               std::vector<FileId>& around) {
  around.push_back(entry_at(from, {}).id());
  for (const fs::path& path : entries_of(from)) {
    const TreeEntry entry = entry_at(path, around);
    const fs::path place = to / path.filename();
    if (entry.kind == EntryKind::link) {
      fs::copy_symlink(path, place);
    } else if (entry.kind != EntryKind::folder) {
      fs::copy_file(path, place);
    } else if (!is_same(path, except)) {
      fs::create_directory(place);
      copy_code(path, place, except, around);
    }
  }
  around.pop_back();
}

void copy_file_whole(const fs::path& from, const fs::path& to) {
  std::ifstream source(from, std::ios::binary);
  if (!source) throw IoError("read", from, errno);
  PartFile part(to);
  std::vector<char> block(std::size_t{1} << 20);
  while (source) {
    source.read(block.data(), static_cast<std::streamsize>(block.size()));
    part.write({block.data(), static_cast<std::size_t>(source.gcount())});
  }
  if (source.bad()) throw IoError("read", from, errno);
  fs::permissions(part.path(), fs::status(from).permissions());
  part.commit();
}

void copy_link(const fs::path& from, const fs::path& to) {
  if (fs::is_symlink(fs::symlink_status(to))) fs::remove(to);
  fs::copy_symlink(from, to);
}

void copy_folder(const fs::path& from, const fs::path& to, std::vector<FileId>& around) {
  create_folder(to);
  around.push_back(entry_at(from, {}).id());
  for (const fs::path& path : entries_of(from)) {
    const fs::path place = to / path.filename();
    switch (entry_at(path, around).kind) {
      case EntryKind::folder:
        copy_folder(path, place, around);
        break;
      case EntryKind::file:
        copy_file_whole(path, place);
        break;
      case EntryKind::link:
        copy_link(path, place);
        break;
      case EntryKind::other:
        throw IoError("copy", path, EINVAL);  // a pipe, a device
    }
  }
  around.pop_back();
}

}  // namespace

fs::path new_run_folder(const fs::path& work_dir, const std::string& name) {
  create_folder(work_dir);
  const std::string wanted = utc_time() + '_' + as_file_name(name);
  for (int i = 1;; ++i) {
    fs::path folder = work_dir / (i == 1 ? wanted : wanted + '_' + std::to_string(i));
    if (fs::create_directory(folder)) return folder;
  }
}

std::vector<BoundValue> make_step_folder(const fs::path& folder, const Step& step,
                                         const fs::path& except) {
  fs::create_directories(folder / "wd");
  if (fs::is_directory(step.code)) {
    std::vector<FileId> around;
    copy_code(step.code, folder / "wd", except, around);
  } else if (!step.code.empty()) {
    fs::copy_file(step.code, folder / "wd" / step.code.filename());
  }
  std::vector<BoundValue> outputs;
  for (const StepOutput& output : step.outputs) {
    const fs::path place = folder / "outputs" / output.name;
    fs::create_directories(place);
    const bool is_file = output.type == PortType::uri_file;
    outputs.push_back({output.name, output.type, "", is_file ? place / output.name : place});
  }
  return outputs;
}

void copy_output(const fs::path& output, const fs::path& target) {
  if (fs::is_directory(output)) {
    std::vector<FileId> around;
    copy_folder(output, target, around);
    return;
  }
  const bool into_folder = fs::is_directory(target) || !target.has_filename();
  const fs::path place = into_folder ? target / output.filename() : target;
  create_folder(fs::absolute(place).parent_path());
  copy_file_whole(output, place);
}

}  // namespace gradstep::pipeline
