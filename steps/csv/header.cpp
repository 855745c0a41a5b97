#include "steps/csv/header.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "kernels/core/error.hpp"
#include "steps/csv/blocks.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/tokenizer.hpp"
#include "steps/csv/utf8.hpp"

namespace gradstep::csv {
namespace {

std::int64_t behind_byte_order_mark(const Source& source) {
  char mark[3] = {};
  return source.read(0, mark) == 3 && std::string_view(mark, 3) == "\xEF\xBB\xBF" ? 3 : 0;
}

struct Record {
  std::int64_t begin = -1;
  std::vector<std::string> fields;
};

// Finds records in a file whose blocks may be shorter than what is between two of them.
class RecordReader {
 public:
  RecordReader(const Source& source, std::int64_t block_bytes)
      : source_(source), blocks_(source, behind_byte_order_mark(source), block_bytes) {}

  // The next record; begin -1 at the end of the file.
  Record next() {
    Record record;
    do {
      char* const text = block_.text.data();
      const char* const end = text + block_.text.size();
      const char* const first = skip_empty_lines(text + at_, end);
      if (first == end) continue;
      record.begin = block_.begin + (first - text);
      const auto emit = [&](Field field, const char*) {
        record.fields.emplace_back(text + field.begin, std::size_t{field.size});
      };
      const char* const behind = split_record(text, first, end, emit);
      if (behind == nullptr) throw quote_not_closed(source_, record.begin);
      at_ = behind - text;
      return record;
    } while (next_block());
    return record;
  }

  // What is behind the last record.
  [[nodiscard]] std::int64_t offset() const { return block_.begin + at_; }

 private:
  bool next_block() {
    at_ = 0;
    return blocks_.next(block_);
  }

  const Source& source_;
  BlockReader blocks_;
  Block block_;
  std::int64_t at_ = 0;
};

void expect_utf8(const Source& source, const Record& header) {
  for (std::size_t i = 0; i < header.fields.size(); ++i)
    if (!is_utf8(header.fields[i]))
      throw DataError(place(source, header.begin) + ": found the column name " +
                      shown(header.fields[i]) + ", expected UTF-8");
}

}  // namespace

Header read_header(const Source& source, std::int64_t block_bytes) {
  // A short look is enough for most headers, and the blocks to come begin behind them.
  constexpr std::int64_t enough = 1 << 16;
  RecordReader records(source, std::min(enough, block_bytes));
  Record names = records.next();
  if (names.begin < 0)
    throw DataError(source.name() + ": found no columns, expected a line of column names");
  Header header;
  header.begin = records.offset();
  const Record first = records.next();
  expect_utf8(source, names);
  header.first_row = first.begin;
  header.width = static_cast<std::int64_t>(std::max(names.fields.size(), first.fields.size()));
  header.names = header_names(std::move(names.fields));
  return header;
}

std::string index_warning(const Source& source, const Header& header) {
  return place(source, header.first_row) + ": found " + counted(header.width, "field") + " below " +
         counted(std::ssize(header.names), "column name") + "; as in pandas, the first " +
         counted(header.index_columns(), "field") +
         " of each row become the index and are left out";
}

std::vector<std::string> all_names(const std::vector<Header>& headers) {
  std::vector<std::string> names;
  for (const Header& header : headers)
    for (const std::string& name : header.names)
      if (std::ranges::count(names, name) == 0) names.push_back(name);
  return names;
}

std::vector<std::string> header_names(std::vector<std::string> fields) {
  std::vector<std::string>& names = fields;
  std::vector<std::size_t> order;  // the nameless come last
  std::vector<std::size_t> nameless;
  for (std::size_t i = 0; i < names.size(); ++i) (names[i].empty() ? nameless : order).push_back(i);
  order.insert(order.end(), nameless.begin(), nameless.end());
  for (const std::size_t i : nameless) names[i] = "Unnamed: " + std::to_string(i);

  std::unordered_map<std::string, std::int64_t> uses;  // of a name, so far
  std::unordered_multiset<std::string> in_use(names.begin(), names.end());
  for (const std::size_t i : order) {
    const std::string first = names[i];
    std::string name = first;
    for (std::int64_t count = uses[name]; count > 0;) {
      uses[first] = count + 1;
      name = first + "." + std::to_string(count);
      count = in_use.contains(name) ? count + 1 : uses[name];
    }
    in_use.erase(in_use.find(names[i]));
    in_use.insert(name);
    names[i] = name;
    uses[name] = 1;
  }
  return names;
}

}  // namespace gradstep::csv
