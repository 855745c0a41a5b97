#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "steps/csv/table.hpp"
#include "steps/csv/tokenizer.hpp"

namespace gradstep::csv {

/// One column's fields within a block.
class ColumnFields {
 public:
  /// @param text    the block's text, after records.split
  /// @param offset  where the text starts in its file
  ColumnFields(const Records& records, std::int64_t column, std::span<const char> text,
               std::int64_t offset)
      : first_(records.fields() + column),
        stride_(records.width()),
        rows_(records.rows()),
        text_(text.data()),
        offset_(offset) {}

  /// Those of the rows from `row` on.
  [[nodiscard]] ColumnFields from(std::int64_t row) const {
    ColumnFields fields = *this;
    fields.first_ += row * stride_;
    fields.rows_ -= row;
    return fields;
  }
  /// The fields of some rows of these.
  [[nodiscard]] ColumnFields among(std::span<const Field> chosen) const {
    ColumnFields fields = *this;
    fields.first_ = chosen.data();
    fields.stride_ = 1;
    fields.rows_ = std::ssize(chosen);
    return fields;
  }

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] const Field& field(std::int64_t row) const { return first_[row * stride_]; }
  [[nodiscard]] std::string_view operator[](std::int64_t row) const {
    const Field& one = field(row);
    return {text_ + one.begin, one.size};
  }
  /// Where the text starts that all fields are part of.
  [[nodiscard]] const char* text() const { return text_; }
  /// Where the field starts in its file.
  [[nodiscard]] std::int64_t offset(std::int64_t row) const {
    const Field& one = field(row);
    return offset_ + one.begin - one.quoted;
  }

 private:
  const Field* first_;
  std::int64_t stride_;
  std::int64_t rows_;
  const char* text_;
  std::int64_t offset_;
};

/// What the values of a block's column are, missing ones left aside.
enum class BlockKind : std::uint8_t {
  missing,  ///< there are none
  int64,    ///< cells are int64; doubles where BlockColumn::missing
  float64,
  boolean,
  text,
};

/// Why the first field that is no int64 is none. It decides what pandas tries next.
enum class IntFailure : std::uint8_t { none, not_int, overflow };

/// What a block tells of a column.
struct BlockColumn {
  BlockKind kind = BlockKind::missing;
  IntFailure first_failure = IntFailure::none;  ///< none as well where ints were not tried
  bool missing = false;                         ///< a value is missing
  bool float_differs = false;  ///< kind int64: a field reads as another float than its int
};

/// The first type to try; what comes before it is known to fail for the column.
enum class Start : std::uint8_t { ints, floats, booleans, text };

/// Finds the first type in pandas' order that fits all fields, and writes the cells of that type.
/// @param cells  out, length fields.rows()
/// @param keep   keep[r] is cleared where the field is missing, as by clear_missing; may be empty
[[nodiscard]] BlockColumn parse_inferred(const ColumnFields& fields, Start start,
                                         std::span<std::int64_t> cells,
                                         std::span<std::uint8_t> keep = {});

/// A column's type, known from the whole file.
struct Verdict {
  CellType type = CellType::float64;
  bool of_ints = false;     ///< float64 because ints are missing: int64 values, converted
  bool na_is_text = false;  ///< text: "NA" and its like are text, too
};

/// Writes the cells of fields that are known to fit the type.
/// @return false when one does not: the file has changed; the cells are then worth nothing
bool parse_as(const Verdict& verdict, const ColumnFields& fields, std::span<std::int64_t> cells);

/// Makes doubles of ints, in place: what float64 columns of ints hold.
void to_doubles(std::span<std::int64_t> ints);

/// Clears keep[r] where the field is a missing value, whatever the column's type.
void clear_missing(const ColumnFields& fields, std::span<std::uint8_t> keep);

/// A missing value's cell. int64 and uint64 have none.
[[nodiscard]] std::int64_t missing_cell(CellType type);

}  // namespace gradstep::csv
