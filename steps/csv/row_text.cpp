#include "steps/csv/row_text.hpp"

#include <algorithm>

namespace gradstep::csv {

std::string header_line(std::span<const std::string> names) {
  std::string line;
  for (const std::string& name : names) {
    if (!line.empty()) line += ',';
    const std::size_t size = line.size();
    line.resize(size + 2 * name.size() + 2);
    const char* const end = put_field(line.data() + size, name);
    line.resize(static_cast<std::size_t>(end - line.data()));
  }
  return line + '\n';
}

void RowText::grow(std::size_t needed) { bytes_.resize(std::max(needed, 2 * bytes_.size())); }

}  // namespace gradstep::csv
