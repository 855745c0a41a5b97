#include "steps/helper_library.hpp"

#include <dlfcn.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "steps/error.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;

// An absolute path, because a sanitizer that sits between the program and dlopen hides the
// program's own search path.
fs::path path_of(const char* library) {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  fs::path beside = program.parent_path() / library;
  if (fs::exists(beside, failed)) return beside;
  return program.parent_path().parent_path() / "lib" / "gradstep" / library;
}

}  // namespace

void* function_of_library(const char* purpose, const char* library, const char* function) {
  const fs::path path = path_of(library);
  void* const opened = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays open
  void* const symbol = opened == nullptr ? nullptr : dlsym(opened, function);
  if (symbol != nullptr) return symbol;
  const char* const reason = dlerror();
  throw IoError("cannot " + std::string(purpose) + ": cannot open '" + path.string() +
                "': " + (reason == nullptr ? "no " + std::string(function) : reason));
}

}  // namespace gradstep
