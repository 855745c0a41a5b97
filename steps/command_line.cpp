#include "steps/command_line.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "steps/cpu_baseline.hpp"
#include "steps/error.hpp"
#include "steps/exit_code.hpp"
#include "steps/flag_values.hpp"
#include "steps/signals.hpp"
#include "steps/standard_output.hpp"
#include "steps/version.hpp"

namespace gradstep {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& found,
                         const std::string& allowed) {
  throw UsageError(name + ": found '" + found + "', expected " + allowed);
}

/// A flag with one value; `take` gets its text and throws UsageError when it cannot be used.
CLI::Option* add_value(CLI::App& app, const std::string& name, const std::string& kind,
                       const std::string& default_text, const std::string& help,
                       const std::function<void(const std::string&)>& take) {
  const auto callback = [take](const CLI::results_t& values) {
    take(values.back());
    return true;
  };
  return app.add_option(name, callback, help)
      ->type_name(kind)
      ->default_str(default_text)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

std::string short_text(double value) {
  std::array<char, 32> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), end};
}

std::string version_text(const std::string& program) {
  std::string text = program + ' ' + version + "\ncommit: " + commit + "\ncuda: ";
  text += built_with_cuda ? std::string("yes (architectures ") + cuda_architectures + ')' : "no";
  return text + "\ncpu: " GRADSTEP_MARCH;
}

std::string with_underscores(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// The option that `argument` ("--name", '-' and '_' the same) calls, or nullptr.
const CLI::Option* called(const CLI::App& app, const std::string& argument) {
  if (!argument.starts_with("--")) return nullptr;
  const std::string name = with_underscores(argument.substr(2));
  for (const CLI::Option* option : app.get_options())
    for (const std::string& known : option->get_lnames())
      if (with_underscores(known) == name) return option;
  return nullptr;
}

/// The arguments with every flag spelled as the program knows it and every value an argument of its
/// own, also that of a boolean flag that came without one. CLI11 then has nothing left to guess: it
/// would take the next flag for the value of `--name=`, and a file name for that of `--quiet`.
std::vector<std::string> spelled_out(const CLI::App& app, const std::vector<std::string>& given) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const std::size_t equals = given[i].find('=');
    const CLI::Option* option = called(app, given[i].substr(0, equals));
    if (option == nullptr && given[i].starts_with("--") && given[i] != "--")
      throw UsageError("unknown flag " + given[i].substr(0, equals));
    if (option == nullptr || option->get_items_expected_max() != 1) {
      result.push_back(given[i]);
      continue;
    }
    const std::string name = "--" + option->get_lnames().front();
    const bool value_is_optional = option->get_items_expected_min() == 0;
    const bool more = i + 1 < given.size();
    result.push_back(name);
    if (equals != std::string::npos) {
      result.push_back(given[i].substr(equals + 1));
    } else if (value_is_optional) {
      result.push_back(more && parse_boolean(given[i + 1]) ? given[++i] : "true");
    } else if (!more || called(app, given[i + 1].substr(0, given[i + 1].find('='))) != nullptr) {
      throw UsageError(name + ": a value is missing" + (more ? " before " + given[i + 1] : ""));
    } else {
      result.push_back(given[++i]);
    }
  }
  return result;
}

/// False when the arguments asked for help or the version, which have been printed then.
bool parse(CLI::App& app, int argc, char** argv) {
  try {
    std::vector<std::string> arguments = spelled_out(app, {argv + std::min(argc, 1), argv + argc});
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(std::move(arguments));
    return true;
  } catch (const CLI::Success& request) {
    (void)app.exit(request);
    return false;
  } catch (const CLI::ParseError& error) {
    throw UsageError(error.what());
  }
}

// A file opened while 0, 1 or 2 is closed would get that number, and our output would go into it.
void open_standard_streams() {
  int fd = ::open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = ::dup(fd);
  if (fd >= 0) (void)::close(fd);
}

// A folder of input may hold thousands of files, all open at once; the usual soft limit is 1024.
void allow_many_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

// "8GB", "500 MiB" or a plain number of bytes; a kilobyte has 1024.
std::optional<std::int64_t> parse_size(std::string text) {
  if (const std::optional<std::int64_t> plain = parse_integer(text)) return plain;
  try {
    const bool has_unit = CLI::AsSizeValue(false)(text).empty();  // makes a number of the text
    return has_unit ? parse_integer(text) : std::nullopt;
  } catch (const CLI::ValidationError&) {
    return std::nullopt;
  }
}

int report_current_exception(const std::string& program) {
  const ExitCode code = exit_code_of_current_exception();
  std::string text = program + ": error: " + message_of_current_exception() + '\n';
  if (code == ExitCode::usage) text += "'" + program + " --help' lists the flags\n";
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
  return static_cast<int>(code);
}

}  // namespace

void add_common(CLI::App& app, CommonOptions& options, const std::string& example) {
  add_choice<Device>(
      app, "--device", options.device,
      {{"auto", Device::automatic}, {"cuda", Device::cuda}, {"cpu", Device::cpu}},
      "Where to compute; auto takes the GPU when there is one and the data repay its start");
  add_value(app, "--threads", "N", "0", "Threads; 0: as many as this process may use",
            [&options](const std::string& text) {
              const std::optional<std::int64_t> value = parse_integer(text);
              if (!value || *value < 0 || *value > 4096)
                refuse("--threads", text, "a whole number from 0 to 4096");
              options.threads = static_cast<int>(*value);
            });
  add_size(app, "--device_memory", options.device_memory,
           "GPU memory for the data, such as 8GB; what does not fit streams through it; 0: nine "
           "tenths of what is free there");
  add_program_flags(app, options.quiet, example);
}

void add_program_flags(CLI::App& app, bool& quiet, const std::string& example) {
  add_boolean(app, "--quiet", quiet, "Print no progress and no log lines");
  app.set_version_flag("--version", version_text(app.get_name()), "Print the version and exit");
  app.get_formatter()->column_width(36);
  app.footer("Booleans may stand alone: --quiet is --quiet=true.\n\nExample:\n  " + example);
}

CLI::Option* add_tracking(CLI::App& app, Tracking& tracking) {
  return add_choice<Tracking>(
      app, "--tracking", tracking,
      {{"auto", Tracking::automatic}, {"required", Tracking::required}, {"off", Tracking::off}},
      "Whether to log the run to the MLflow server that "
      "MLFLOW_TRACKING_URI names; auto: when it is set");
}

CLI::Option* add_text(CLI::App& app, const std::string& name, const std::string& kind,
                      std::string& value, const std::string& help) {
  return add_value(app, name, kind, value, help,
                   [&value](const std::string& text) { value = text; });
}

CLI::Option* add_names(CLI::App& app, const std::string& name, std::vector<std::string>& value,
                       const std::string& help) {
  return add_value(app, name, "A,B,...", CLI::detail::join(value, ","), help,
                   [&value, name](const std::string& text) {
                     try {
                       value = split_names(text);
                     } catch (const UsageError& error) {
                       throw UsageError(name + ": " + error.what());
                     }
                   });
}

CLI::Option* add_pairs(CLI::App& app, const std::string& name, const std::string& kind,
                       std::vector<std::pair<std::string, std::string>>& pairs,
                       const std::string& help) {
  const auto callback = [&pairs, name, kind](const CLI::results_t& values) {
    for (const std::string& value : values) {
      const std::size_t equals = value.find('=');
      if (equals == 0 || equals == std::string::npos) refuse(name, value, kind);
      pairs.emplace_back(value.substr(0, equals), value.substr(equals + 1));
    }
    return true;
  };
  return app.add_option(name, callback, help)
      ->type_name(kind)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option* add_boolean(CLI::App& app, const std::string& name, bool& value,
                         const std::string& help) {
  return add_value(app, name, "BOOL", value ? "true" : "false", help,
                   [&value, name](const std::string& text) {
                     const std::optional<bool> found = parse_boolean(text);
                     if (!found) refuse(name, text, "true or false (1/0, yes/no, on/off)");
                     value = *found;
                   })
      ->expected(0, 1);
}

CLI::Option* add_integer(CLI::App& app, const std::string& name, std::int64_t& value,
                         std::int64_t lowest, std::int64_t highest, const std::string& help) {
  return add_value(app, name, "N", std::to_string(value), help,
                   [&value, name, lowest, highest](const std::string& text) {
                     const std::optional<std::int64_t> found = parse_integer(text);
                     if (!found || *found < lowest || *found > highest)
                       refuse(name, text,
                              "a whole number from " + std::to_string(lowest) + " to " +
                                  std::to_string(highest));
                     value = *found;
                   });
}

CLI::Option* add_size(CLI::App& app, const std::string& name, std::int64_t& value,
                      const std::string& help) {
  return add_value(app, name, "SIZE", std::to_string(value), help,
                   [&value, name](const std::string& text) {
                     const std::optional<std::int64_t> found = parse_size(text);
                     if (!found || *found < 0) refuse(name, text, "a size such as 8GB or 500MB");
                     value = *found;
                   });
}

CLI::Option* add_real(CLI::App& app, const std::string& name, double& value, double above,
                      double below, const std::string& help) {
  return add_value(app, name, "X", short_text(value), help,
                   [&value, name, above, below](const std::string& text) {
                     const std::optional<double> found = parse_real(text);
                     if (found && std::isfinite(*found) && *found > above && *found < below) {
                       value = *found;
                       return;
                     }
                     std::string allowed = "a finite number";
                     if (std::isfinite(above)) allowed += " greater than " + short_text(above);
                     if (std::isfinite(above) && std::isfinite(below)) allowed += " and";
                     if (std::isfinite(below)) allowed += " less than " + short_text(below);
                     refuse(name, text, allowed);
                   });
}

CLI::Option* add_word(CLI::App& app, const std::string& name, const std::vector<std::string>& words,
                      std::size_t default_index, const std::function<void(std::size_t)>& take,
                      const std::string& help) {
  return add_value(app, name, CLI::detail::join(words, "|"), words.at(default_index), help,
                   [words, take, name](const std::string& text) {
                     const auto found = std::find(words.begin(), words.end(), text);
                     if (found == words.end())
                       refuse(name, text, "one of " + CLI::detail::join(words, ", "));
                     take(static_cast<std::size_t>(found - words.begin()));
                   });
}

std::vector<std::string> split_names(const std::string& text) {
  std::vector<std::string> names;
  if (text.empty()) return names;
  std::istringstream fields(text + ',');
  for (std::string name; std::getline(fields, name, ',');) {
    if (name.empty()) throw UsageError("found '" + text + "', which holds an empty name");
    names.push_back(name);
  }
  return names;
}

int run_program(CLI::App& app, int argc, char** argv, const std::function<void()>& run) {
  check_cpu_baseline();
  open_standard_streams();
  allow_many_open_files();
  install_signal_handlers();
  try {
    if (parse(app, argc, argv)) run();
    flush_standard_output();
    return static_cast<int>(ExitCode::success);
  } catch (...) {
    return report_current_exception(app.get_name());
  }
}

}  // namespace gradstep
