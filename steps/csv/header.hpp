#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "steps/csv/source.hpp"

namespace gradstep::csv {

/// What the first records of a file say about the rest.
struct Header {
  std::vector<std::string> names;
  std::int64_t begin = 0;       ///< the first byte behind the header
  std::int64_t first_row = -1;  ///< where the first record of data starts; -1: there is none
  /// Fields of a record. Where the first record of data is longer than the header, the columns in
  /// front have no name: pandas makes them the index.
  std::int64_t width = 0;

  [[nodiscard]] std::int64_t index_columns() const {
    return width - static_cast<std::int64_t>(names.size());
  }
};

/// Reads the header.
/// @param block_bytes  how much is read at a time, at most
/// @throws DataError: no columns, not UTF-8, a quote not closed; IoError
[[nodiscard]] Header read_header(const Source& source, std::int64_t block_bytes);

/// What to warn of when a header has index_columns(): they are left out.
[[nodiscard]] std::string index_warning(const Source& source, const Header& header);

/// The names of all headers, in the order of their first appearance.
[[nodiscard]] std::vector<std::string> all_names(const std::vector<Header>& headers);

/// The columns' names as read_csv makes them: an empty one becomes "Unnamed: N", a repeated one
/// gets .1, .2, … avoiding names in use.
[[nodiscard]] std::vector<std::string> header_names(std::vector<std::string> fields);

}  // namespace gradstep::csv
