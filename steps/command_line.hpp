#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "steps/device_choice.hpp"

namespace gradstep {

/// The flags every program has.
struct CommonOptions {
  Device device = Device::automatic;
  int threads = 0;  ///< 0: what the machine allows (steps/threads.hpp)
  bool quiet = false;
};

/// Adds --device, --threads, --quiet, --version and a footer with an example to the help.
void add_common(CLI::App& app, CommonOptions& options, const std::string& example);

/// A boolean flag with an optional value: `--quiet`, `--quiet=True`, `--quiet False`, 1/0, yes/no.
CLI::Option* add_boolean(CLI::App& app, const std::string& name, bool& value,
                         const std::string& help);

/// An integer that may come as Azure ML hands it over: `5`, `5.0`, `1e3`. Range ends included.
CLI::Option* add_integer(CLI::App& app, const std::string& name, std::int64_t& value,
                         std::int64_t lowest, std::int64_t highest, const std::string& help);

/// Splits "a,b,c"; "" gives no names; blanks around a name belong to it, "" between commas is an
/// error. @throws UsageError
[[nodiscard]] std::vector<std::string> split_names(const std::string& text);

/// The body of every main: '-' and '_' made the same in flag names, the CPU checked, signals
/// handled, the command line parsed, `run` called, and the only catch: errors go to stderr as
/// "<program>: error: …" and become exit codes (steps/exit_code.hpp).
int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& run);

}  // namespace gradstep
