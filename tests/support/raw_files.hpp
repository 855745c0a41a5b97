#pragma once

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace gradstep::test {

/// The first `count` values of a file that holds nothing else, in this machine's order of bytes.
template <class T>
std::vector<T> read_raw(const std::string& path, std::int64_t count) {
  std::vector<T> values(static_cast<std::size_t>(count));
  std::ifstream in(path, std::ios::binary);
  in.read(reinterpret_cast<char*>(values.data()),
          static_cast<std::streamsize>(values.size() * sizeof(T)));
  if (!in) throw std::runtime_error("cannot read " + path);
  return values;
}

}  // namespace gradstep::test
