#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "steps/csv/column_parse.hpp"
#include "steps/csv/number_text.hpp"

namespace gradstep::csv {

/// Turns a column's fields into the texts of their numbers, changed or not, block after block.
///
/// Measurements have few distinct values, and a field that was met before has the text of then:
/// neither is it read again nor is its number printed. A direct-mapped cache from fields to texts
/// tries the first fields of each block, and steps aside for the rest where it did not pay. The
/// texts are the same either way.
class ColumnTexts {
  // A field's bytes at the end, its size at the start, and zeros between.
  struct Key {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
  };
  struct Entry {
    NumberText text;
    Key key = {0xFF, 0};  // no field's, until there is one
  };

 public:
  /// Changes numbers in place, each by itself. NaN: missing, has no text, and stays NaN.
  using Change = std::function<void(std::span<double> numbers)>;

  /// The fields of a block whose texts are not known: memory that columns may share.
  class Unknown {
    friend class ColumnTexts;
    struct Row {
      std::int64_t row = 0;
      Entry* remembers = nullptr;
      Key key;
    };
    std::vector<Row> rows_;
    std::vector<Field> fields_;
    std::vector<std::int64_t> cells_;
    std::vector<NumberText> texts_;
  };

  /// @param entries  a power of two up to 4096, 64 bytes each, taken when the first block comes;
  ///                 0: remember nothing
  explicit ColumnTexts(std::size_t entries) : size_(entries) {}

  /// Prints a block's fields as float64.
  /// @param verdict  int64 or float64
  /// @param change   the same in each call; none: the numbers stay
  /// @return false when a field does not fit the verdict
  [[nodiscard]] bool print(const ColumnFields& fields, const Verdict& verdict, const Change& change,
                           Unknown& unknown);

  /// The texts of the rows, missing values' empty.
  [[nodiscard]] const NumberText* of_rows() const { return texts_.data(); }

 private:
  static bool key_of(std::string_view field, const char* text, Key& key);
  [[nodiscard]] Entry& entry_of(const Key& key);
  void look_up(const ColumnFields& fields, std::int64_t begin, std::int64_t end, Unknown& unknown);
  [[nodiscard]] bool find_out(const ColumnFields& fields, const Verdict& verdict,
                              const Change& change, Unknown& unknown);

  std::size_t size_;
  std::vector<Entry> entries_;
  Verdict verdict_;  // that the entries hold for
  std::vector<NumberText> texts_;
};

}  // namespace gradstep::csv
