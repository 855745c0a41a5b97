#include "steps/prep_output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "steps/error.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

// "<stdin>" is no path: the descriptor says which file was redirected.
bool status_of_input(const csv::Source& input, const std::string& standard_input,
                     struct stat& status) {
  if (input.name() == standard_input) return ::fstat(STDIN_FILENO, &status) == 0;
  return ::stat(input.name().c_str(), &status) == 0;
}

bool is_same_file(const fs::path& path, const csv::Source& input) {
  struct stat a{};
  struct stat b{};
  return ::stat(path.c_str(), &a) == 0 && status_of_input(input, "<stdin>", b) &&
         a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

std::string prepared_name(const std::string& input_data) {
  if (input_data == "-") return "stdin.csv";
  std::error_code error;
  fs::path path = fs::absolute(input_data).lexically_normal();  // "." and "data/.." have names too
  if (!path.has_filename()) path = path.parent_path();          // "data/"
  std::string name = path.filename().string();
  name.erase(0,
             std::min(name.find_first_not_of('.'), name.size()));  // "*.csv" finds no hidden file
  if (fs::is_directory(input_data, error)) return (name.empty() ? "data" : name) + ".csv";
  return name.ends_with(".csv") ? name : name + ".csv";
}

std::vector<fs::path> other_csv(const fs::path& folder, const std::string& ours) {
  std::error_code error;
  std::vector<fs::path> found;
  auto entry = fs::directory_iterator(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name != ours && name[0] != '.' && entry->path().extension() == ".csv" &&
        !entry->is_directory(error))
      found.push_back(entry->path());
  }
  if (error && error.value() != ENOENT) throw IoError("use folder", folder, error.value());
  std::sort(found.begin(), found.end());
  return found;
}

void expect_inputs_kept(const std::vector<fs::path>& replaced,
                        const std::vector<std::shared_ptr<const csv::Source>>& inputs) {
  for (const fs::path& path : replaced)
    for (const std::shared_ptr<const csv::Source>& input : inputs)
      if (is_same_file(path, *input))
        throw DataError("the input '" + input->name() +
                        "' lies in the output folder and would be lost; choose another "
                        "--output_data");
}

void check_output(const fs::path& folder, const std::string& ours, bool overwrite,
                  const std::vector<std::shared_ptr<const csv::Source>>& inputs) {
  const std::vector<fs::path> others = other_csv(folder, ours);
  std::vector<fs::path> replaced = others;
  replaced.push_back(folder / ours);
  expect_inputs_kept(replaced, inputs);
  if (!others.empty() && !overwrite)
    throw DataError("'" + folder.string() + "' already holds '" +
                    others.front().filename().string() +
                    "', which train-model would read as well; choose another --output_data, or "
                    "delete its *.csv with --overwrite");
}

}  // namespace gradstep
