#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "steps/csv/column_look.hpp"
#include "steps/csv/header.hpp"
#include "steps/csv/source.hpp"

namespace gradstep::csv {

/// A column of a block, as far as it matters when the block is read again.
struct SeenColumn {
  bool missing : 1 = false;        ///< BlockColumn::missing
  bool float_differs : 1 = false;  ///< BlockColumn::float_differs
  bool same : 1 = false;           ///< FieldForms::same
  bool pointed : 1 = false;        ///< FieldForms::pointed
  bool missing_empty : 1 = false;  ///< FieldForms::missing_empty
};

struct SeenBlock {
  int source = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t rows = 0;
  std::int64_t kept = 0;
  std::uint64_t checksum = 0;  ///< of the text as it stands in the file
  bool plain = false;          ///< no quotes, no short record: between fields there are commas only
};

/// What a Survey knows.
struct Surveyed {
  std::vector<std::shared_ptr<const Source>> sources;
  std::vector<Header> headers;       ///< of the sources
  std::vector<std::size_t> numbers;  ///< places of SurveyOptions::numbers among the columns
  bool drop_missing = true;
  std::vector<CellType> types;    ///< of the columns
  std::vector<Verdict> verdicts;  ///< of each source, of each column
  std::vector<SeenBlock> blocks;
  std::vector<SeenColumn> columns;  ///< of each block, of each column
  std::int64_t rows = 0;
  std::int64_t rows_kept = 0;

  [[nodiscard]] const SeenColumn* seen(std::size_t block) const {
    return columns.data() + block * types.size();
  }
  [[nodiscard]] const Verdict& verdict(int source, std::size_t column) const {
    return verdicts[static_cast<std::size_t>(source) * types.size() + column];
  }
};

}  // namespace gradstep::csv
