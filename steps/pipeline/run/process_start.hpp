#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "steps/descriptor.hpp"

namespace gradstep::pipeline {

struct StartedProcess {
  pid_t pid = 0;
  Descriptor output{-1};  ///< the reading end of its stdout and stderr; does not block
};

/// Starts a program as the leader of a new process group, in `folder`, with nothing to read and the
/// signals' default actions. @throws IoError
[[nodiscard]] StartedProcess start_process(const std::vector<std::string>& arguments,
                                           const std::vector<std::string>& environment,
                                           const std::filesystem::path& folder);

/// Runs a short command to its end, or kills it after five seconds; what it prints is lost, and so
/// is why it could not be started. @return  whether it has ended with 0
[[nodiscard]] bool run_silently(const std::vector<std::string>& arguments,
                                const std::vector<std::string>& environment) noexcept;

enum class Errors { shown, lost };

/// What a short command prints on stdout, nothing when it fails; its stderr is ours, or lost.
[[nodiscard]] std::optional<std::string> output_of(const std::vector<std::string>& arguments,
                                                   Errors errors = Errors::shown);

/// The program that a name means on this PATH ("a:b:c"); empty when there is none.
[[nodiscard]] std::filesystem::path find_program(const std::string& name, const std::string& path);

}  // namespace gradstep::pipeline
