// What a survey does when the files are read again: it prints their rows.
#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/core/parallel.hpp"
#include "steps/csv/blocks.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/number_parse.hpp"
#include "steps/csv/records_of_block.hpp"
#include "steps/csv/row_text.hpp"
#include "steps/csv/survey.hpp"

namespace gradstep::csv {
namespace {

// How fields become text.
enum class Way : std::uint8_t {
  copy,    // as they stand, with the commas between them
  points,  // as they stand, ".0" behind those without a point
  text,    // text, without quotes or within new ones
  cells,   // parsed and printed
};

// Fields of a record that are printed in one way: one, or several to be copied.
struct Piece {
  Way way = Way::copy;
  std::size_t first = 0;
  std::size_t last = 0;
  const std::int64_t* cells = nullptr;  // of the block's rows
};

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
      : numbers(columns, PrintedNumbers(remembered_numbers(columns))), rows(columns) {}

  Block block;
  Records records;
  std::vector<std::int64_t> cells;
  std::vector<double*> changed;  // the number columns' cells
  std::vector<std::uint8_t> keep;
  std::vector<Piece> pieces;
  std::vector<PrintedNumbers> numbers;  // of the columns
  RowText rows;
};

}  // namespace

/// Prints blocks of a survey.
class Rewriter {
 public:
  using Change = std::function<void(std::span<double* const> numbers, std::int64_t rows)>;

  Rewriter(const Survey& survey, const Change& change)
      : survey_(survey), change_(change), is_number_(survey.types_.size(), 0) {
    for (const std::size_t column : survey.numbers_) is_number_[column] = 1;
  }

  void print(std::size_t index, Worker& worker) const {
    const Survey::SeenBlock& block = survey_.blocks_[index];
    worker.rows.clear();
    if (block.kept == 0) return;
    load(block, worker);
    find_kept(index, worker);
    plan(index, worker);
    change(worker);
    for (const Piece& piece : worker.pieces)
      if (piece.way == Way::cells) worker.numbers[piece.first].start_run();
    for (std::int64_t row = 0; row < block.rows; ++row)
      if (worker.keep[static_cast<std::size_t>(row)] != 0) print_row(worker, row);
  }

 private:
  void load(const Survey::SeenBlock& block, Worker& worker) const {
    const auto source = static_cast<std::size_t>(block.source);
    worker.block.begin = block.begin;
    read_again(*survey_.sources_[source], block.begin, block.end, worker.block.text);
    split_block(*survey_.sources_[source], survey_.headers_[source], worker.block, worker.records);
    if (worker.records.rows() != block.rows) throw changed(block);
  }

  [[nodiscard]] DataError changed(const Survey::SeenBlock& block) const {
    return changed_while_read(*survey_.sources_[static_cast<std::size_t>(block.source)]);
  }

  static ColumnFields fields(const Worker& worker, std::size_t column) {
    return {worker.records, static_cast<std::int64_t>(column), worker.block.text,
            worker.block.begin};
  }

  void find_kept(std::size_t index, Worker& worker) const {
    const Survey::SeenBlock& block = survey_.blocks_[index];
    worker.keep.assign(static_cast<std::size_t>(block.rows), 1);
    if (block.kept == block.rows) return;
    for (std::size_t i = 0; i < is_number_.size(); ++i)
      if (survey_.seen(index)[i].found.missing) clear_missing(fields(worker, i), worker.keep);
  }

  // Text is copied, where no quote is in the way, as nothing in it is looked at; numbers where all
  // of the block's are what would be printed.
  [[nodiscard]] Way way_of(std::size_t index, std::size_t column) const {
    const Survey::Seen& seen = survey_.seen(index)[column];
    const bool missing_same =
        !seen.found.missing || survey_.drop_missing_ || seen.forms.missing_empty;
    const CellType type = survey_.types_[column];
    if (type == CellType::text)
      return survey_.blocks_[index].plain && missing_same ? Way::copy : Way::text;
    if (is_number_[column] != 0 || !missing_same || !seen.forms.same) return Way::cells;
    return type != CellType::float64 || seen.forms.pointed ? Way::copy : Way::points;
  }

  void plan(std::size_t index, Worker& worker) const {
    const Survey::SeenBlock& block = survey_.blocks_[index];
    worker.pieces.clear();
    std::size_t parsed = 0;
    for (std::size_t i = 0; i < is_number_.size(); ++i) {
      const Way way = way_of(index, i);
      if (way == Way::cells) ++parsed;
      const bool goes_on = way == Way::copy && block.plain && !worker.pieces.empty() &&
                           worker.pieces.back().way == Way::copy;
      if (goes_on)
        worker.pieces.back().last = i;
      else
        worker.pieces.push_back({way, i, i, nullptr});
    }
    const auto rows = static_cast<std::size_t>(block.rows);
    worker.cells.resize(std::max(worker.cells.size(), parsed * rows));
    std::int64_t* next = worker.cells.data();
    for (Piece& piece : worker.pieces) {
      if (piece.way != Way::cells) continue;
      if (!parse_as(survey_.verdict(block.source, piece.first), fields(worker, piece.first),
                    {next, rows}))
        throw changed(block);
      piece.cells = next;
      next += rows;
    }
  }

  void change(Worker& worker) const {
    worker.changed.clear();
    for (const std::size_t column : survey_.numbers_) {
      const auto piece = std::ranges::find_if(worker.pieces, [column](const Piece& one) {
        return one.way == Way::cells && one.first == column;
      });
      std::int64_t* const cells = worker.cells.data() + (piece->cells - worker.cells.data());
      if (survey_.types_[column] == CellType::int64)
        to_doubles({cells, static_cast<std::size_t>(worker.records.rows())});
      worker.changed.push_back(reinterpret_cast<double*>(cells));
    }
    change_(worker.changed, worker.records.rows());
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
        case Way::cells:
          out = put_cell(out, printed_type(piece.first), piece.cells[row],
                         worker.numbers[piece.first]);
          break;
      }
      *out++ = ',';
    }
    worker.rows.end_row(out, is_number_.size());
  }

  // An empty field is a missing value, and stays empty.
  static char* put_with_point(char* out, std::string_view number, const char* text_end) {
    out = put_short(out, number.data(), number.size(), text_end);
    const bool whole = number.find('.') == std::string_view::npos;
    return whole && !number.empty() ? put(out, ".0") : out;
  }

  [[nodiscard]] CellType printed_type(std::size_t column) const {
    return is_number_[column] != 0 ? CellType::float64 : survey_.types_[column];
  }

  const Survey& survey_;
  const Change& change_;
  std::vector<std::uint8_t> is_number_;  // of the columns: changed, and printed as float64
};

void Survey::rewrite(
    const std::function<void(std::span<double* const> numbers, std::int64_t rows)>& change,
    const std::function<void(std::string_view text, std::int64_t rows)>& write, int threads) const {
  write(header_line(names()), 0);
  const Rewriter rewriter(*this, change);
  std::vector<Worker> team(static_cast<std::size_t>(std::max(threads, 1)), Worker(types_.size()));
  std::int64_t written = 0;
  for_each_in_order(
      std::ssize(blocks_), threads,
      [&](std::int64_t index, int who) {
        rewriter.print(static_cast<std::size_t>(index), team[static_cast<std::size_t>(who)]);
      },
      [&](std::int64_t index, int who) {
        const std::string_view text = team[static_cast<std::size_t>(who)].rows.text();
        written += blocks_[static_cast<std::size_t>(index)].kept;
        if (!text.empty()) write(text, written);
      });
}

}  // namespace gradstep::csv
