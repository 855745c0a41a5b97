#include "steps/csv/blocks.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/core/error.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/tokenizer.hpp"

namespace gradstep::csv {
namespace {

// Where the last line of text[begin, end), which is outside of quotes, ends; 0 when none does.
// After a lone \r only where the next byte is known and is neither \n nor a comma, because those
// belong to the line end (skip_empty_lines).
std::int64_t last_line_end(std::string_view text, std::size_t begin, std::size_t end, char kind) {
  for (std::size_t at = end; at > begin; --at) {
    const void* const found = memrchr(text.data() + begin, kind, at - begin);
    if (found == nullptr) return 0;
    at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) + 1;
    if (kind == '\n' || (at < text.size() && text[at] != '\n' && text[at] != ','))
      return static_cast<std::int64_t>(at);
  }
  return 0;
}

bool starts_field(std::string_view text, std::size_t at) {
  return at == 0 || ends_field(text[at - 1]);
}

// The last line end of that kind outside of quotes.
std::int64_t last_unquoted_line_end(std::string_view text, char kind) {
  std::int64_t last = 0;
  std::size_t outside = 0;  // since here we are outside of quotes
  std::size_t at = text.find('"');
  while (at != std::string_view::npos) {
    if (!starts_field(text, at)) {
      at = text.find('"', at + 1);
      continue;
    }
    last = std::max(last, last_line_end(text, outside, at, kind));
    const RawField field = scan_quoted(text.data() + at + 1, text.data() + text.size());
    if (field.open) return last;
    outside = static_cast<std::size_t>(field.end - text.data()) + 1;
    at = text.find('"', outside);
  }
  return std::max(last, last_line_end(text, outside, text.size(), kind));
}

}  // namespace

std::int64_t last_record_end(std::string_view text) {
  const std::int64_t end = last_unquoted_line_end(text, '\n');
  return end > 0 ? end : last_unquoted_line_end(text, '\r');
}

BlockReader::BlockReader(const Source& source, std::int64_t begin, std::int64_t block_bytes)
    : source_(source), offset_(begin), block_bytes_(block_bytes) {}

bool BlockReader::next(Block& block) {
  block.begin = offset_;
  for (std::int64_t wanted = block_bytes_; !at_end_; wanted *= 2) {
    block.text.resize(static_cast<std::size_t>(wanted));
    const std::int64_t length = source_.read(offset_, block.text);
    at_end_ = length < wanted;
    const std::string_view text{block.text.data(), static_cast<std::size_t>(length)};
    const std::int64_t whole = at_end_ ? length : last_record_end(text);
    if (whole == 0 && wanted >= longest_block)
      throw DataError(place(source_, offset_) +
                      ": found a record longer than a gigabyte; is a quote not closed?");
    if (whole == 0) continue;
    block.text.resize(static_cast<std::size_t>(whole));
    offset_ += whole;
    return true;
  }
  return false;
}

std::int64_t bytes_of_a_block(std::int64_t wanted, int threads) {
  constexpr std::int64_t least = std::int64_t{64} << 10;
  const std::int64_t share = wanted / ((std::max(threads, 1) + 3) / 4);
  return std::max(share, std::min(least, wanted));
}

void read_again(const Source& source, std::int64_t begin, std::int64_t end,
                std::vector<char>& text) {
  text.resize(static_cast<std::size_t>(end - begin));
  if (source.read(begin, text) != end - begin) throw changed_while_read(source);
}

}  // namespace gradstep::csv
