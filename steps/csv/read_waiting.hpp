#pragma once

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string>

#include "steps/error.hpp"

namespace gradstep::csv {

/// Reads what there is, and waits for it, also where whoever opened the file asked not to wait
/// (O_NONBLOCK). Returns 0 at the end. @throws IoError with `name`
[[nodiscard]] inline std::size_t read_waiting(int fd, std::span<char> to, const std::string& name) {
  while (true) {
    const ssize_t length = ::read(fd, to.data(), to.size());
    if (length >= 0) return static_cast<std::size_t>(length);
    if (errno == EAGAIN) {
      pollfd input{.fd = fd, .events = POLLIN, .revents = 0};
      if (::poll(&input, 1, -1) >= 0) continue;
    }
    if (errno != EINTR) throw IoError("read", name, errno);
  }
}

}  // namespace gradstep::csv
