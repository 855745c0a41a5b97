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

void copy_code(const fs::path& from, const fs::path& to, const fs::path& except) {
  if (!fs::is_directory(from)) {
    fs::copy_file(from, to / from.filename());
    return;
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    if (entry.path() == except) continue;
    const fs::path place = to / entry.path().filename();
    if (entry.is_directory()) {
      fs::create_directory(place);
      copy_code(entry.path(), place, except);
    } else {
      fs::copy_file(entry.path(), place);
    }
  }
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
  part.commit();
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
  if (!step.code.empty()) copy_code(step.code, folder / "wd", except);
  std::vector<BoundValue> outputs;
  for (const StepOutput& output : step.outputs) {
    const fs::path place = folder / "outputs" / output.name;
    fs::create_directories(place);
    const bool is_file = output.type == PortType::uri_file;
    outputs.push_back({output.name, output.type, "", is_file ? place / output.name : place});
  }
  return outputs;
}

void copy_output(const fs::path& output, const fs::path& folder) {
  create_folder(folder);
  if (!fs::is_directory(output)) {
    copy_file_whole(output, folder / output.filename());
    return;
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(output)) {
    if (entry.is_directory()) {
      copy_output(entry.path(), folder / entry.path().filename());
    } else {
      copy_file_whole(entry.path(), folder / entry.path().filename());
    }
  }
}

}  // namespace gradstep::pipeline
