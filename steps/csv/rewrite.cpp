// What a survey does when the files are read again: it prints their rows.
#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "kernels/core/parallel.hpp"
#include "steps/csv/blocks.hpp"
#include "steps/csv/checksum.hpp"
#include "steps/csv/column_texts.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/number_parse.hpp"
#include "steps/csv/records_of_block.hpp"
#include "steps/csv/row_text.hpp"
#include "steps/csv/survey.hpp"
#include "steps/csv/surveyed.hpp"

namespace gradstep::csv {
namespace {

// How fields become text.
enum class Way : std::uint8_t {
  copy,    // as they stand, with the commas between them
  points,  // as they stand, ".0" behind those without a point
  text,    // text, without quotes or within new ones
  number,  // float64, printed beforehand
  cell,    // of another type, parsed and printed
};

// Fields of a record that are printed in one way: one, or several to be copied.
struct Piece {
  Way way = Way::copy;
  std::size_t first = 0;
  std::size_t last = 0;
  const std::int64_t* cells = nullptr;  // of the block's rows
  const NumberText* numbers = nullptr;  // the same
};

// How many texts each of so many columns may remember: those of a thread take a megabyte.
std::size_t remembered_fields(std::size_t columns) {
  constexpr std::size_t all = 1 << 14;
  constexpr std::size_t most = 1 << 12;
  return std::bit_floor(std::min(most, all / std::max<std::size_t>(columns, 1)));
}

// Copies 16 bytes at a time, some behind the text, too, where they may be read.
char* put_short(char* out, const char* text, std::size_t size, const char* text_end) {
  constexpr std::size_t step = 16;
  if (static_cast<std::size_t>(text_end - text) < size + step) {
    std::memcpy(out, text, size);
    return out + size;
  }
  for (std::size_t done = 0; done < size; done += step) std::memcpy(out + done, text + done, step);
  return out + size;
}

// What one thread works with.
struct Worker {
  explicit Worker(std::size_t columns)
      : texts(columns, ColumnTexts(remembered_fields(columns))), rows(columns) {}

  Block block;
  Records records;
  std::vector<std::int64_t> cells;
  std::vector<std::uint8_t> keep;
  std::vector<Piece> pieces;
  std::vector<ColumnTexts> texts;  // of the columns
  ColumnTexts::Unknown unknown;
  RowText rows;
};

/// Prints blocks of a survey.
class Rewriter {
 public:
  using Change = std::function<void(std::size_t number, std::span<double> values)>;

  Rewriter(const Surveyed& survey, const Change& change)
      : survey_(survey), changes_(survey.types.size()) {
    for (std::size_t i = 0; i < survey.numbers.size(); ++i)
      changes_[survey.numbers[i]] = [&change, i](std::span<double> values) { change(i, values); };
  }

  void print(std::size_t index, Worker& worker) const {
    const SeenBlock& block = survey_.blocks[index];
    worker.rows.clear();
    if (block.kept == 0) return;
    load(block, worker);
    find_kept(index, worker);
    plan(index, worker);
    prepare(index, worker);
    for (std::int64_t row = 0; row < block.rows; ++row)
      if (worker.keep[static_cast<std::size_t>(row)] != 0) print_row(worker, row);
  }

 private:
  void load(const SeenBlock& block, Worker& worker) const {
    const auto source = static_cast<std::size_t>(block.source);
    worker.block.begin = block.begin;
    read_again(*survey_.sources[source], block.begin, block.end, worker.block.text);
    if (checksum(worker.block.text) != block.checksum) throw changed(block);
    split_block(*survey_.sources[source], survey_.headers[source], worker.block, worker.records);
  }

  [[nodiscard]] DataError changed(const SeenBlock& block) const {
    return changed_while_read(*survey_.sources[static_cast<std::size_t>(block.source)]);
  }

  static ColumnFields fields(const Worker& worker, std::size_t column) {
    return {worker.records, static_cast<std::int64_t>(column), worker.block.text,
            worker.block.begin};
  }

  void find_kept(std::size_t index, Worker& worker) const {
    const SeenBlock& block = survey_.blocks[index];
    worker.keep.assign(static_cast<std::size_t>(block.rows), 1);
    if (block.kept == block.rows) return;
    for (std::size_t i = 0; i < changes_.size(); ++i)
      if (survey_.seen(index)[i].missing) clear_missing(fields(worker, i), worker.keep);
  }

  // Text is copied, where no quote is in the way, as nothing in it is looked at; numbers where all
  // of the block's are what would be printed.
  [[nodiscard]] Way way_of(std::size_t index, std::size_t column) const {
    const SeenColumn& seen = survey_.seen(index)[column];
    const bool missing_same = !seen.missing || survey_.drop_missing || seen.missing_empty;
    const CellType type = survey_.types[column];
    if (type == CellType::text)
      return survey_.blocks[index].plain && missing_same ? Way::copy : Way::text;
    if (changes_[column] || !missing_same || !seen.same)
      return changes_[column] || type == CellType::float64 ? Way::number : Way::cell;
    return type != CellType::float64 || seen.pointed ? Way::copy : Way::points;
  }

  void plan(std::size_t index, Worker& worker) const {
    const SeenBlock& block = survey_.blocks[index];
    worker.pieces.clear();
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      const Way way = way_of(index, i);
      const bool goes_on = way == Way::copy && block.plain && !worker.pieces.empty() &&
                           worker.pieces.back().way == Way::copy;
      if (goes_on)
        worker.pieces.back().last = i;
      else
        worker.pieces.push_back({way, i, i});
    }
  }

  // Parses and prints what must be.
  void prepare(std::size_t index, Worker& worker) const {
    const SeenBlock& block = survey_.blocks[index];
    const auto rows = static_cast<std::size_t>(block.rows);
    const auto parsed =
        static_cast<std::size_t>(std::ranges::count(worker.pieces, Way::cell, &Piece::way));
    worker.cells.resize(std::max(worker.cells.size(), parsed * rows));
    std::int64_t* next = worker.cells.data();
    for (Piece& piece : worker.pieces) {
      const Verdict& verdict = survey_.verdict(block.source, piece.first);
      bool fits = true;
      if (piece.way == Way::number) {
        ColumnTexts& texts = worker.texts[piece.first];
        fits = texts.print(fields(worker, piece.first), verdict, changes_[piece.first],
                           worker.unknown);
        piece.numbers = texts.of_rows();
      } else if (piece.way == Way::cell) {
        fits = parse_as(verdict, fields(worker, piece.first), {next, rows});
        piece.cells = std::exchange(next, next + rows);
      }
      if (!fits) throw changed(block);  // only where the checksum missed it
    }
  }

  void print_row(Worker& worker, std::int64_t row) const {
    const Field* const record = worker.records.fields() + row * worker.records.width();
    const char* const text = worker.block.text.data();
    const char* const text_end = text + worker.block.text.size();
    char* out = worker.rows.start_row();
    for (const Piece& piece : worker.pieces) {
      const Field& field = record[piece.first];
      switch (piece.way) {
        case Way::copy: {
          const Field& last = record[piece.last];
          const std::size_t size = last.begin + last.size - field.begin;
          out = put_short(worker.rows.room(out, size), text + field.begin, size, text_end);
          break;
        }
        case Way::points:
          out = put_with_point(worker.rows.room(out, field.size), {text + field.begin, field.size},
                               text_end);
          break;
        case Way::text: {
          const std::string_view found{text + field.begin, field.size};
          if (!is_na(found)) out = put_field(worker.rows.room(out, 2 * found.size() + 2), found);
          break;
        }
        case Way::number: {
          static_assert(sizeof(NumberText) <= RowText::room_behind);
          const NumberText& number = piece.numbers[row];
          std::memcpy(out, &number, sizeof(number));
          out += number.length;
          break;
        }
        case Way::cell:
          out = put_cell(out, survey_.types[piece.first], piece.cells[row]);
          break;
      }
      *out++ = ',';
    }
    worker.rows.end_row(out, changes_.size());
  }

  // An empty field is a missing value, and stays empty.
  static char* put_with_point(char* out, std::string_view number, const char* text_end) {
    out = put_short(out, number.data(), number.size(), text_end);
    const bool whole = number.find('.') == std::string_view::npos;
    return whole && !number.empty() ? put(out, ".0") : out;
  }

  const Surveyed& survey_;
  std::vector<ColumnTexts::Change> changes_;  // of the columns; most have none
};

}  // namespace

void Survey::rewrite(
    const std::function<void(std::size_t number, std::span<double> values)>& change,
    const std::function<void(std::string_view text, std::int64_t rows)>& write, int threads) const {
  write(header_line(names()), 0);
  const Rewriter rewriter(*found_, change);
  std::vector<Worker> team(static_cast<std::size_t>(std::max(threads, 1)),
                           Worker(found_->types.size()));
  std::int64_t written = 0;
  for_each_in_order(
      std::ssize(found_->blocks), threads,
      [&](std::int64_t index, int who) {
        rewriter.print(static_cast<std::size_t>(index), team[static_cast<std::size_t>(who)]);
      },
      [&](std::int64_t index, int who) {
        const std::string_view text = team[static_cast<std::size_t>(who)].rows.text();
        written += found_->blocks[static_cast<std::size_t>(index)].kept;
        if (!text.empty()) write(text, written);
      });
}

}  // namespace gradstep::csv
