#pragma once

#include <stdexcept>
#include <string_view>

namespace gradstep {

/// Base of everything this project throws on purpose.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The caller broke a documented precondition: a bug in the calling code.
struct InvalidArgument : Error {
  using Error::Error;
};

/// The data cannot be used: not a number, empty, one class only. Its owner can mend it.
struct DataError : Error {
  using Error::Error;
};

/// The backend asked for is not built in, or the machine has no device for it.
struct BackendUnavailable : Error {
  using Error::Error;
};

/// The caller's file and line, taken by a default argument, so no macro is needed.
/// Written out because clang-tidy 14 cannot parse libstdc++ 12's std::source_location.
struct Where {
  const char* file;
  int line;
  static constexpr Where here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

/// Throws InvalidArgument naming the caller's file and line, unless `holds`.
void expects(bool holds, std::string_view what, Where where = Where::here());

}  // namespace gradstep
