#include "steps/csv/column_texts.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace gradstep::csv {
namespace {

constexpr std::int64_t trial = 256;  // fields
constexpr unsigned most_bits = 12;   // of an index

// The last bits of eight bytes; 0 ... 64 of them.
std::uint64_t last_bits(std::uint64_t bytes, unsigned bits) {
  return bits == 0 ? 0 : bytes & (~std::uint64_t{0} << (64 - bits));
}

// Prints the fields' numbers. @param cells  scratch
bool print_each(const ColumnFields& fields, const Verdict& verdict,
                const ColumnTexts::Change& change, std::vector<std::int64_t>& cells,
                std::span<NumberText> texts) {
  cells.resize(texts.size());
  if (!parse_as(verdict, fields, cells)) return false;
  if (verdict.type == CellType::int64) to_doubles(cells);
  const std::span numbers(reinterpret_cast<double*>(cells.data()), cells.size());
  if (change) change(numbers);
  print_numbers(numbers, texts);
  return true;
}

}  // namespace

// False for a field that is too long, and near the start of the text.
bool ColumnTexts::key_of(std::string_view field, const char* text, Key& key) {
  constexpr std::size_t longest = 15;
  static_assert(std::endian::native == std::endian::little);
  const char* const end = field.data() + field.size();
  if (field.size() > longest || end - text < 16) return false;
  std::memcpy(&key.low, end - 16, 8);
  std::memcpy(&key.high, end - 8, 8);
  const auto bits = 8 * static_cast<unsigned>(field.size());
  key.low = last_bits(key.low, std::max(bits, 64U) - 64) | field.size();
  key.high = last_bits(key.high, std::min(bits, 64U));
  return true;
}

ColumnTexts::Entry& ColumnTexts::entry_of(const Key& key) {
  constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15U;
  const std::uint64_t hash = (key.high ^ std::rotl(key.low, 27)) * golden_ratio;
  return entries_[hash >> (64U - most_bits) & (size_ - 1)];
}

void ColumnTexts::look_up(const ColumnFields& fields, std::int64_t begin, std::int64_t end,
                          Unknown& unknown) {
  for (std::int64_t row = begin; row < end; ++row) {
    Key key;
    if (!key_of(fields[row], fields.text(), key)) {
      unknown.rows_.push_back({row, nullptr, key});
      continue;
    }
    Entry& entry = entry_of(key);
    if (entry.key.low == key.low && entry.key.high == key.high)
      texts_[static_cast<std::size_t>(row)] = entry.text;
    else
      unknown.rows_.push_back({row, &entry, key});
  }
}

bool ColumnTexts::find_out(const ColumnFields& fields, const Verdict& verdict, const Change& change,
                           Unknown& unknown) {
  unknown.fields_.clear();
  for (const Unknown::Row& one : unknown.rows_) unknown.fields_.push_back(fields.field(one.row));
  unknown.texts_.resize(unknown.rows_.size());
  if (!print_each(fields.among(unknown.fields_), verdict, change, unknown.cells_, unknown.texts_))
    return false;
  for (std::size_t i = 0; i < unknown.rows_.size(); ++i) {
    const Unknown::Row& one = unknown.rows_[i];
    texts_[static_cast<std::size_t>(one.row)] = unknown.texts_[i];
    if (one.remembers != nullptr) *one.remembers = {unknown.texts_[i], one.key};
  }
  return true;
}

bool ColumnTexts::print(const ColumnFields& fields, const Verdict& verdict, const Change& change,
                        Unknown& unknown) {
  const bool same = verdict.type == verdict_.type && verdict.of_ints == verdict_.of_ints;
  if (entries_.empty() || !same) entries_.assign(size_, Entry{});
  verdict_ = verdict;
  const auto rows = static_cast<std::size_t>(fields.rows());
  texts_.resize(std::max(texts_.size(), rows));
  unknown.rows_.clear();
  const std::int64_t tried = size_ == 0 ? 0 : std::min(trial, fields.rows());
  look_up(fields, 0, tried, unknown);
  const bool pays = size_ > 0 && 2 * std::ssize(unknown.rows_) <= tried;
  if (pays) look_up(fields, tried, fields.rows(), unknown);
  if (!find_out(fields, verdict, change, unknown)) return false;
  if (pays || tried == fields.rows()) return true;
  const auto rest = std::span(texts_).first(rows).subspan(static_cast<std::size_t>(tried));
  return print_each(fields.from(tried), verdict, change, unknown.cells_, rest);
}

}  // namespace gradstep::csv
