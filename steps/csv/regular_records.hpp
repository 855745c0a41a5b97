#pragma once

#include <cstdint>

#include "steps/csv/tokenizer.hpp"

namespace gradstep::csv {

/// How far the splitting of plain records has come. A record is plain when it has neither quotes
/// nor a lone \r, is of the right width and starts with no blank.
struct PlainPlace {
  const char* at = nullptr;      ///< nothing from here on has been looked at
  const char* record = nullptr;  ///< the start of the latest record that is not whole
  const char* begin = nullptr;   ///< of the next field
  std::int64_t column = 0;       ///< of that field
  std::int64_t rows = 0;         ///< whole records
};

/// What there is to split, and where the fields go.
struct PlainText {
  const char* text = nullptr;  ///< fields are counted from here
  const char* end = nullptr;
  std::int64_t width = 0;
  Field* fields = nullptr;
  std::int64_t room = 0;  ///< for so many fields
};

/// Room for fields that a step may fill, or overwrite, at most.
inline constexpr std::int64_t fields_of_a_step = 64;

/// Splits steps of 64 bytes for as long as they hold plain records with line ends of \n or \r\n,
/// more than a step of text is left, and there is room for the fields.
using SplitRegular = void (*)(const PlainText& plain, PlainPlace& place);

/// For this CPU, chosen at the first call.
[[nodiscard]] SplitRegular split_regular();
/// For every CPU of the build's baseline.
[[nodiscard]] SplitRegular baseline_split_regular();
/// For AVX-512 with VBMI2. Only where takes_avx512_vbmi2().
[[nodiscard]] SplitRegular avx512_split_regular();
[[nodiscard]] bool takes_avx512_vbmi2();

}  // namespace gradstep::csv
