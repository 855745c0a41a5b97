#include "steps/pipeline/run/native_backend.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/run/process_start.hpp"

namespace gradstep::pipeline {

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

std::vector<std::filesystem::path> NativeBackend::programs_of(const Step& step) const {
  std::string path = value_of(environment_, "PATH");
  if (const std::string own = value_of(step.variables, "PATH"); !own.empty()) path = own;
  std::vector<std::filesystem::path> programs;
  for (const CommandPart& part : step.command.parts) {
    if (part.is_binding) continue;
    constexpr const char* separators = " \t\r\n;&|()<>`\"'$={}";
    for (std::size_t begin = part.text.find_first_not_of(separators); begin != std::string::npos;) {
      const std::size_t end = part.text.find_first_of(separators, begin);
      const std::filesystem::path program =
          find_program(part.text.substr(begin, end - begin), path);
      if (!program.empty()) programs.push_back(program);
      begin = part.text.find_first_not_of(separators, end);
    }
  }
  return programs;
}

std::string NativeBackend::identity(const Step& step, const TreeHash& hash) {
  ContentHash all;
  for (const std::filesystem::path& program : programs_of(step)) {
    std::string& known = hashes_[program];
    if (known.empty()) known = hash.of(program);
    all.add(program.string());
    all.add(known);
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
