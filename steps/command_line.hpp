#pragma once

// Only command_line.cpp and the *_main.cpp include this: CLI11 takes 8 s a file to compile.

#include <CLI/CLI.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "steps/common_options.hpp"
#include "steps/device_choice.hpp"
#include "steps/tracking/settings.hpp"

namespace gradstep {

// The flags below take their value as Azure ML hands it over, as text: `True`, `5.0`, `1e-05`, ''.
// A value that cannot be used is a UsageError naming the flag, what was found and what is allowed.
// Of a flag given twice the last value counts, unless it collects. The variable's value beforehand
// is the default.

/// Adds --device, --threads, --quiet, --version and a footer with an example to the help.
void add_common(CLI::App& app, CommonOptions& options, const std::string& example);

/// The part of add_common() for a program that computes nothing itself: without --device, --threads
/// and --device_memory.
void add_program_flags(CLI::App& app, bool& quiet, const std::string& example);

/// Adds --tracking.
CLI::Option* add_tracking(CLI::App& app, Tracking& tracking);

/// Any text, '' too. `kind` stands for the value in the help: FILE, FOLDER, NAME.
CLI::Option* add_text(CLI::App& app, const std::string& name, const std::string& kind,
                      std::string& value, const std::string& help);

/// Names between commas, as split_names() takes them.
CLI::Option* add_names(CLI::App& app, const std::string& name, std::vector<std::string>& value,
                       const std::string& help);

/// NAME=VALUE, as often as it is given; only the first '=' parts the two. The name is not empty.
CLI::Option* add_pairs(CLI::App& app, const std::string& name, const std::string& kind,
                       std::vector<std::pair<std::string, std::string>>& pairs,
                       const std::string& help);

/// A boolean flag with an optional value: `--quiet`, `--quiet=True`, `--quiet False`, 1/0, yes/no.
CLI::Option* add_boolean(CLI::App& app, const std::string& name, bool& value,
                         const std::string& help);

/// An integer that may come as Azure ML hands it over: `5`, `5.0`, `1e3`. Range ends included.
CLI::Option* add_integer(CLI::App& app, const std::string& name, std::int64_t& value,
                         std::int64_t lowest, std::int64_t highest, const std::string& help);

/// A number of bytes, 0 or more, that may have a unit: `8GB`, `500 MiB`; a kilobyte has 1024.
CLI::Option* add_size(CLI::App& app, const std::string& name, std::int64_t& value,
                      const std::string& help);

/// A finite number strictly between `above` and `below`, either of which may be infinite.
CLI::Option* add_real(CLI::App& app, const std::string& name, double& value, double above,
                      double below, const std::string& help);

/// One of a few words; `take` gets the index of the word found.
CLI::Option* add_word(CLI::App& app, const std::string& name, const std::vector<std::string>& words,
                      std::size_t default_index, const std::function<void(std::size_t)>& take,
                      const std::string& help);

/// One of an enumeration's values, each with its word.
template <class T>
CLI::Option* add_choice(CLI::App& app, const std::string& name, T& value,
                        const std::vector<std::pair<std::string, T>>& choices,
                        const std::string& help) {
  std::vector<std::string> words;
  std::vector<T> values;
  std::size_t default_index = 0;
  for (const auto& [word, meaning] : choices) {
    if (meaning == value) default_index = words.size();
    words.push_back(word);
    values.push_back(meaning);
  }
  const auto take = [&value, values](std::size_t index) { value = values[index]; };
  return add_word(app, name, words, default_index, take, help);
}

/// Splits "a,b,c"; "" gives no names; blanks around a name belong to it, "" between commas is an
/// error. @throws UsageError
[[nodiscard]] std::vector<std::string> split_names(const std::string& text);

/// The body of every main: '-' and '_' made the same in flag names, the CPU checked, signals
/// handled, the command line parsed, `run` called, and the only catch: errors go to stderr as
/// "<program>: error: …" and become exit codes (steps/exit_code.hpp).
int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& run);

}  // namespace gradstep
