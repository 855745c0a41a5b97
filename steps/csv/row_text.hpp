#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "steps/csv/field_print.hpp"
#include "steps/csv/number_print.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {

/// The line of names that to_csv begins with.
[[nodiscard]] std::string header_line(std::span<const std::string> names);

/// Writes a cell that is neither text nor float64 at `out`, which has room for longest_number
/// bytes, and returns its end; a missing value has no text.
[[nodiscard]] inline char* put_cell(char* out, CellType type, std::int64_t cell) {
  switch (type) {
    case CellType::int64:
      return print(out, cell);
    case CellType::uint64:
      return print(out, std::bit_cast<std::uint64_t>(cell));
    default:  // boolean
      return cell == missing_boolean ? out : put(out, cell == 0 ? "False" : "True");
  }
}

/// Printed rows, in memory that grows with the longest.
class RowText {
 public:
  /// @param columns  how many numbers a row has at most
  explicit RowText(std::size_t columns)
      : room_for_numbers_(columns * (longest_number + 1) + room_behind) {}

  /// Whatever is put, so many bytes behind the end of a row may be overwritten meanwhile.
  static constexpr std::size_t room_behind = 64;

  /// Where the next row starts, with room for one of numbers.
  [[nodiscard]] char* start_row() { return room(bytes_.data() + size_, 0); }
  /// Room behind the text at `out` for so many bytes and another row of numbers.
  [[nodiscard]] char* room(char* out, std::size_t bytes) {
    const auto size = static_cast<std::size_t>(out - bytes_.data());
    const std::size_t needed = size + bytes + room_for_numbers_;
    if (needed > bytes_.size()) grow(needed);
    return bytes_.data() + size;
  }
  /// Ends the row, which has a comma behind each field. The last gives way to the line end; a line
  /// of one empty field needs quotes: it would be no line at all.
  void end_row(char* out, std::size_t columns) {
    --out;
    const bool empty = columns == 1 && out == bytes_.data() + size_;
    if (empty) {
      *out++ = '"';
      *out++ = '"';
    }
    *out++ = '\n';
    size_ = static_cast<std::size_t>(out - bytes_.data());
  }

  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }
  void clear() { size_ = 0; }

 private:
  void grow(std::size_t needed);

  std::size_t room_for_numbers_;  // a row's, with commas and line end
  std::vector<char> bytes_;
  std::size_t size_ = 0;
};

}  // namespace gradstep::csv
