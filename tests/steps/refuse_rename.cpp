// Preloaded by prep_data_files_test.py: a file system without rename, as some blob stores are.

#include <cerrno>

extern "C" int rename(const char* /*from*/, const char* /*to*/) noexcept {
  errno = EPERM;
  return -1;
}
