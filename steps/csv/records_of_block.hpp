#pragma once

#include "steps/csv/blocks.hpp"
#include "steps/csv/header.hpp"
#include "steps/csv/source.hpp"
#include "steps/csv/tokenizer.hpp"

namespace gradstep::csv {

/// Splits a block into records of the header's width; unquotes fields in place.
/// @throws DataError with file and line: too many fields, a quote not closed, bytes that are not
/// UTF-8
void split_block(const Source& source, const Header& header, Block& block, Records& records);

}  // namespace gradstep::csv
