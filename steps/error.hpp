#pragma once

#include <filesystem>
#include <string>

#include "kernels/core/error.hpp"

namespace gradstep {

/// The command line cannot be used; the message says which flag and why.
struct UsageError : Error {
  using Error::Error;
};

/// A file or folder cannot be read or written: path and the system's reason.
struct IoError : Error {
  using Error::Error;
  /// "cannot <action> '<path>': <strerror(error)>"
  IoError(const std::string& action, const std::filesystem::path& path, int error);
};

/// The MLflow server could not be reached or refused: URL, HTTP status, its own words; no secrets.
struct TrackingError : Error {
  using Error::Error;
};

/// A step of a pipeline failed: its name, exit code and last lines.
struct StepFailed : Error {
  using Error::Error;
};

}  // namespace gradstep
