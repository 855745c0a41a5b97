#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/core/error.hpp"
#include "steps/csv/source.hpp"

namespace gradstep::csv {

/// "<file>:<line>", as messages begin.
[[nodiscard]] std::string place(const Source& source, std::int64_t offset);

/// A field as messages show it: in single quotes, shortened, control characters as \xNN.
[[nodiscard]] std::string shown(std::string_view text);

/// "<n> <noun>", "<n> <noun>s": "1 field", "3 fields".
[[nodiscard]] std::string counted(std::int64_t n, const std::string& noun);

/// The error for a record, starting at `offset`, whose last field ends inside quotes.
[[nodiscard]] DataError quote_not_closed(const Source& source, std::int64_t offset);

/// The error for a column that is in none of the files; says which columns there are.
[[nodiscard]] DataError no_such_column(const std::vector<std::shared_ptr<const Source>>& sources,
                                       std::string_view name,
                                       const std::vector<std::string>& names);

/// For a file that is not what it was when it was read first.
[[nodiscard]] DataError changed_while_read(const Source& source);

}  // namespace gradstep::csv
