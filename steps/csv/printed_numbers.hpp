#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "steps/csv/number_print.hpp"

namespace gradstep::csv {

/// Prints a column's float64 cells and remembers the texts of the latest. Measurements have few
/// distinct values, and copying a text takes a fraction of the time of finding the digits.
///
/// A direct-mapped cache. It looks at the first cells of each run and steps aside for the rest
/// where they did not pay. The text is the same either way.
class PrintedNumbers {
 public:
  /// @param entries  a power of two from 2 on, 32 bytes each; 0: remember nothing
  explicit PrintedNumbers(std::size_t entries)
      : size_(entries), shift_(64U - static_cast<unsigned>(std::countr_zero(entries))) {
    assert(entries != 1 && (entries & (entries - 1)) == 0);
  }

  /// The cells that follow are a new run: tries again whether it pays. Takes the memory.
  void start_run() {
    entries_.resize(size_);
    tried_ = 0;
    missed_ = 0;
    pays_ = size_ > 0;
  }

  /// As csv::print; a NaN has no text. `out` has room for longest_number bytes.
  [[nodiscard]] char* print(char* out, std::int64_t cell) {
    if (!pays_) return csv::print(out, std::bit_cast<double>(cell));
    Entry& entry = entries_[(static_cast<std::uint64_t>(cell) * golden_ratio) >> shift_];
    ++tried_;
    if (entry.cell != cell) {
      char* const end = csv::print(out, std::bit_cast<double>(cell));
      remember(entry, cell, out, static_cast<std::size_t>(end - out));
      return end;
    }
    std::memcpy(out, entry.text.data(), entry.text.size());
    return out + entry.length;
  }

 private:
  static constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15U;
  static constexpr int trial = 256;

  // No text is that of NaN: an entry without a cell is that of a cell without a text.
  struct Entry {
    std::int64_t cell = std::bit_cast<std::int64_t>(std::numeric_limits<double>::quiet_NaN());
    std::array<char, 23> text{};
    std::uint8_t length = 0;
  };

  void remember(Entry& entry, std::int64_t cell, const char* text, std::size_t length) {
    ++missed_;
    if (tried_ >= trial && missed_ * 2 > tried_) pays_ = false;
    if (length > entry.text.size()) return;  // a text may have 24 bytes
    entry.cell = cell;
    entry.length = static_cast<std::uint8_t>(length);
    std::memcpy(entry.text.data(), text, entry.text.size());
  }

  std::size_t size_;
  unsigned shift_;  // of the hash, to an index
  std::vector<Entry> entries_;
  int tried_ = 0;
  int missed_ = 0;
  bool pays_ = false;
};

}  // namespace gradstep::csv
