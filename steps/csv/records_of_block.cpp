#include "steps/csv/records_of_block.hpp"

#include <string>

#include "kernels/core/error.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/utf8.hpp"

namespace gradstep::csv {
namespace {

std::string name_of(const Header& header, std::int64_t position) {
  const std::int64_t named = position - header.index_columns();
  if (named < 0) return std::to_string(position + 1);
  return shown(header.names[static_cast<std::size_t>(named)]);
}

// A text that is not UTF-8 may have fields that are, once quotes are taken off.
void expect_utf8_fields(const Source& source, const Header& header, const Block& block,
                        const Records& records) {
  for (std::int64_t i = 0; i < records.rows() * records.width(); ++i) {
    const Field& field = records.fields()[i];
    const std::string_view text{block.text.data() + field.begin, field.size};
    if (!is_utf8(text))
      throw DataError(place(source, block.begin + field.begin) + ": column " +
                      name_of(header, i % records.width()) + ": found " + shown(text) +
                      ", expected UTF-8");
  }
}

}  // namespace

void split_block(const Source& source, const Header& header, Block& block, Records& records) {
  const bool utf8 = is_utf8({block.text.data(), block.text.size()});
  if (const auto problem = records.split(block.text, header.width)) {
    const std::int64_t offset = block.begin + problem->at;
    if (problem->found == 0) throw quote_not_closed(source, offset);
    throw DataError(place(source, offset) + ": found " + counted(problem->found, "field") +
                    ", expected " + std::to_string(header.width));
  }
  if (!utf8) expect_utf8_fields(source, header, block, records);
}

}  // namespace gradstep::csv
