#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "steps/csv/table.hpp"

namespace gradstep::csv {

/// The text of a stretch of a file, read again, and in it the fields that text cells point to.
class StretchText {
 public:
  /// @throws IoError; DataError when the file has changed
  void load(const Source& source, const Stretch& stretch);

  /// The text of a text or big_int cell, not a missing one, as to_csv prints it, without quotes;
  /// valid until the next call.
  [[nodiscard]] std::string_view text(CellType type, std::int64_t cell);

 private:
  [[nodiscard]] std::string_view field(std::int64_t offset);

  std::vector<char> text_;
  std::int64_t begin_ = 0;
  std::string unquoted_;
  std::string digits_;
};

}  // namespace gradstep::csv
