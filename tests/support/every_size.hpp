#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/every_backend.hpp"

namespace gradstep::test {

struct Size {
  Backend backend;
  std::int64_t rows;
  std::int64_t columns;
};

/// The same test body on every backend and for tables around the sizes of warps and blocks.
class EverySize : public testing::TestWithParam<Size> {
 protected:
  void SetUp() override { GRADSTEP_SKIP_UNLESS_AVAILABLE(backend()); }
  [[nodiscard]] static Backend backend() { return GetParam().backend; }
  [[nodiscard]] static std::int64_t rows() { return GetParam().rows; }
  [[nodiscard]] static std::int64_t columns() { return GetParam().columns; }
};

/// An emulated device, which takes a microsecond a cell, may be spared the largest tables.
inline std::vector<Size> every_size(std::int64_t most_cells_emulated) {
  std::vector<Size> sizes;
  for (const Backend backend : {Backend::cpu, Backend::cuda})
    for (const std::int64_t rows : {0, 1, 31, 32, 33, 255, 256, 257, 100'003})
      for (const std::int64_t columns : {1, 7, 8, 28, 64, 130})
        if (rows * columns <= most_cells_emulated || !spare_the_largest(backend))
          sizes.push_back({backend, rows, columns});
  return sizes;
}

inline std::string size_name(const testing::TestParamInfo<Size>& info) {
  std::ostringstream name;
  name << info.param.rows << "_by_" << info.param.columns << '_' << info.param.backend;
  return name.str();
}

}  // namespace gradstep::test
