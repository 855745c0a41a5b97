#pragma once

#include <cstdint>
#include <string_view>

#include "steps/csv/column_parse.hpp"

namespace gradstep::csv {

/// What the blocks of a file, told in order, prove of a column's type. The type depends on the
/// whole column only, not on where blocks end.
/// Source: pandas 3.1, read_csv with low_memory=False.
class ColumnTypes {
 public:
  void add(const BlockColumn& block);

  /// The first type that is still possible.
  [[nodiscard]] Start start() const;
  /// True when a value is missing.
  [[nodiscard]] bool missing() const { return missing_; }
  /// True when the first field that is no int64 is too large for one: then LargeInts decides.
  [[nodiscard]] bool has_large_ints() const { return first_failure_ == IntFailure::overflow; }
  /// The column's type, when has_large_ints() is false.
  [[nodiscard]] Verdict verdict() const;

 private:
  IntFailure first_failure_ = IntFailure::none;
  bool missing_ = false;
  bool numbers_ = false;
  bool booleans_ = false;
  bool text_ = false;
};

/// Judges a column whose first field that is no int64 is an int too large for it: uint64, Python
/// ints, float64, or text in which "NA" is text, too.
class LargeInts {
 public:
  /// Looks at the next field, which starts at `offset` in its file.
  void add(std::string_view field, std::int64_t offset);
  /// Puts what was found in the fields that follow behind what was found here.
  void append(const LargeInts& next);

  [[nodiscard]] Verdict verdict() const;
  /// Where the first field that is a string for a missing value starts; -1: nowhere.
  [[nodiscard]] std::int64_t first_missing() const { return first_missing_; }

 private:
  enum class Event : std::uint8_t { none, not_int, too_large };

  Event first_event_ = Event::none;  // of a field without '-'
  bool above_ = false;               // an int above int64
  bool below_ = false;               // a field with '-', whatever follows
  bool floats_ = true;               // every field is a float or missing
  bool python_ints_ = true;          // every field is a Python int or missing
  std::int64_t first_missing_ = -1;
};

}  // namespace gradstep::csv
