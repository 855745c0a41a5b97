#include "steps/pipeline/run/native_backend.hpp"

#include <array>
#include <filesystem>
#include <functional>
#include <regex>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/run/process_start.hpp"

namespace gradstep::pipeline {
namespace {

namespace fs = std::filesystem;

/// Variables of ours that change what programs do, whether or not the command names them.
constexpr std::array<const char*, 9> known_variables = {
    "CUDA_VISIBLE_DEVICES", "LANG",       "LC_ALL",
    "LD_LIBRARY_PATH",      "LD_PRELOAD", "OMP_NUM_THREADS",
    "PYTHONHASHSEED",       "PYTHONPATH", "TZ"};

/// Variables whose values the shell makes, or that differ from one terminal to the next.
bool is_of_the_shell(const std::string& name) {
  return name == "PWD" || name == "OLDPWD" || name == "SHLVL" || name == "_";
}

/// A command's text with the variables that it names, and the home folder, put in.
std::string with_values(const std::string& text,
                        const std::function<std::string(const std::string&)>& value_of_name) {
  static const std::regex variable(
      R"((^|[\s=:"])~(?=/)|\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)))");
  std::string result;
  auto rest = text.cbegin();
  for (std::sregex_iterator match(text.begin(), text.end(), variable), end; match != end; ++match) {
    result.append(rest, (*match)[0].first);
    rest = (*match)[0].second;
    const bool is_home = !(*match)[2].matched && !(*match)[3].matched;
    const std::string name = is_home ? "HOME" : (*match)[2].str() + (*match)[3].str();
    if (is_home) result += (*match)[1].str();
    if (!is_of_the_shell(name)) result += value_of_name(name);
    if ((*match)[3].matched && rest != text.cend() && *rest == '}') ++rest;
  }
  return result.append(rest, text.cend());
}

/// What a word of a command may run: a program on PATH, or a file by its whole path. Other paths
/// lie in the folder in which the step runs, which holds its code.
fs::path program_named(const std::string& word, const std::string& path) {
  std::error_code ignored;
  if (word.find('/') == std::string::npos) return find_program(word, path);
  const bool is_file = word.front() == '/' && fs::is_regular_file(word, ignored);
  return is_file ? fs::path(word) : fs::path();
}

/// Our programs load these from their own folder.
std::vector<fs::path> helpers_of(const fs::path& program) {
  std::error_code error;
  const fs::path folder = fs::canonical(program, error).parent_path();
  std::vector<fs::path> helpers;
  for (const char* name : {"gradstep_http.so", "gradstep_plot.so"})
    if (fs::is_regular_file(folder / name, error)) helpers.push_back(folder / name);
  return helpers;
}

}  // namespace

NativeBackend::NativeBackend(bool without_tracking)
    : environment_(inherited_environment(without_tracking)) {
  const std::string path = value_of(environment_, "PATH");
  for (const char* shell : {"bash", "sh", "/bin/sh"})
    if (shell_.empty()) shell_ = find_program(shell, path);
}

std::string NativeBackend::describe(const Step& step) const {
  const std::vector<std::filesystem::path> programs = programs_of(step);
  return programs.empty() ? shell_.string() : programs.front().string();
}

void NativeBackend::prepare(const Plan& /*plan*/, const Log& /*log*/) {
  if (shell_.empty())
    throw BackendUnavailable("there is no bash and no sh on PATH to run the steps' commands");
}

std::string NativeBackend::value_in(const Step& step, const std::string& name) const {
  const std::string own = value_of(step.variables, name);
  return own.empty() ? value_of(environment_, name) : own;
}

std::vector<fs::path> NativeBackend::programs_of(const Step& step) const {
  const std::string path = value_in(step, "PATH");
  std::vector<fs::path> programs;
  for (const CommandPart& part : step.command.parts) {
    if (part.is_binding) continue;
    const std::string text =
        with_values(part.text, [&](const std::string& name) { return value_in(step, name); });
    constexpr const char* separators = " \t\r\n;&|()<>`\"'$={}";
    for (std::size_t begin = text.find_first_not_of(separators); begin != std::string::npos;) {
      const std::size_t end = text.find_first_of(separators, begin);
      fs::path program = program_named(text.substr(begin, end - begin), path);
      if (!program.empty()) programs.push_back(std::move(program));
      begin = text.find_first_not_of(separators, end);
    }
  }
  return programs;
}

std::string NativeBackend::identity(const Step& step, TreeHash& hash) {
  ContentHash all;
  for (const fs::path& program : programs_of(step)) {
    all.add(program.string());
    all.add(hash.of(program));
    for (const fs::path& helper : helpers_of(program)) all.add(hash.of(helper));
  }
  std::set<std::string> names(known_variables.begin(), known_variables.end());
  for (const CommandPart& part : step.command.parts) {
    if (part.is_binding) continue;
    (void)with_values(part.text, [&](const std::string& name) {
      names.insert(name);
      return std::string();
    });
  }
  for (const std::string& name : names) {
    all.add(name);
    all.add(value_of(environment_, name));
  }
  return all.hex();
}

ChildCommand NativeBackend::command(const BoundStep& step) const {
  const ShellCommand filled =
      fill_command(step.step->command,
                   values_of(step, [](const BoundValue& value, bool) { return value.path; }));
  Pairs environment = environment_;
  for (const Pairs* more : {&step.step->variables, &step.variables, &filled.variables})
    environment.insert(environment.end(), more->begin(), more->end());

  ChildCommand command;
  command.name = step.name;
  command.arguments = {shell_.string(), "-c", filled.script};
  command.environment = as_environment(environment);
  command.folder = step.folder / "wd";
  command.log = step.folder / "std_log.txt";
  return command;
}

}  // namespace gradstep::pipeline
