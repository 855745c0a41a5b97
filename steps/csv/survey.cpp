#include "steps/csv/survey.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "kernels/core/parallel.hpp"
#include "steps/csv/blocks.hpp"
#include "steps/csv/checksum.hpp"
#include "steps/csv/records_of_block.hpp"
#include "steps/csv/surveyed.hpp"
#include "steps/csv/type_inference.hpp"

namespace gradstep::csv {

namespace {

SeenColumn seen_of(const BlockColumn& found, const FieldForms& forms) {
  return {found.missing, found.float_differs, forms.same, forms.pointed, forms.missing_empty};
}

/// Makes a survey: reads the files, one after the other.
class Surveyor {
 public:
  Surveyor(const SurveyOptions& options, const ReadOptions& read)
      : options_(options), read_(read), team_(static_cast<std::size_t>(std::max(read.threads, 1))) {
    found_->drop_missing = options.drop_missing;
  }

  /// @return what there is to know; none where a table is needed
  std::shared_ptr<const Surveyed> survey(std::vector<std::shared_ptr<const Source>> sources) {
    found_->sources = std::move(sources);
    for (const auto& source : found_->sources) {
      found_->headers.push_back(read_header(*source, read_.block_bytes));
      if (!is_ordinary(found_->headers.back())) return nullptr;
    }
    if (!find_numbers()) return nullptr;
    const std::size_t columns = names().size();
    place_of_.assign(columns, no_number);
    for (std::size_t i = 0; i < found_->numbers.size(); ++i) place_of_[found_->numbers[i]] = i;
    found_->types.assign(columns, CellType::float64);
    for (std::size_t file = 0; file < found_->sources.size(); ++file)
      if (!read_file(static_cast<int>(file))) return nullptr;
    if (!join_types()) return nullptr;
    return found_;
  }

 private:
  static constexpr std::size_t no_number = static_cast<std::size_t>(-1);

  // What one thread works with.
  struct Worker {
    Block block;
    Records records;
    std::vector<std::int64_t> cells;  // of the number columns, then of any other
    std::vector<const double*> numbers;
    std::vector<std::uint8_t> keep;
    std::vector<BlockColumn> found;  // of the columns
    std::vector<FieldForms> forms;   // the same
    std::uint64_t checksum = 0;
    bool plain = false;
    bool ordinary = true;  // the number columns hold numbers
  };

  [[nodiscard]] bool is_ordinary(const Header& header) const {
    return header.index_columns() == 0 && header.first_row >= 0 && header.names == names();
  }

  [[nodiscard]] const std::vector<std::string>& names() const {
    return found_->headers.front().names;
  }

  bool find_numbers() {
    for (const std::string& name : options_.numbers) {
      const auto found = std::ranges::find(names(), name);
      if (found == names().end()) return false;
      found_->numbers.push_back(static_cast<std::size_t>(found - names().begin()));
    }
    return true;
  }

  bool read_file(int file) {
    const Source& source = *found_->sources[static_cast<std::size_t>(file)];
    const Header& header = found_->headers[static_cast<std::size_t>(file)];
    const std::int64_t rows_before = found_->rows;
    std::vector<ColumnTypes> types(found_->types.size());
    std::vector<std::atomic<Start>> starts(types.size());
    for (auto& start : starts) start = Start::ints;
    std::atomic<bool> ordinary = true;
    BlockReader blocks(source, header.begin, bytes_of_a_block(read_.block_bytes, read_.threads));
    const auto member = [this](int who) -> Worker& { return team_[static_cast<std::size_t>(who)]; };

    const auto work = [&](std::int64_t, int who) {
      Worker& worker = member(who);
      // Before the split, which takes quotes off.
      worker.checksum = checksum(worker.block.text);
      const bool quotes =
          std::memchr(worker.block.text.data(), '"', worker.block.text.size()) != nullptr;
      split_block(source, header, worker.block, worker.records);
      worker.plain = !quotes && worker.records.complete();
      look(worker, starts, who);
    };
    const auto commit = [&](std::int64_t, int who) {
      const Worker& worker = member(who);
      read_.progress(std::ssize(worker.block.text));
      if (worker.records.rows() == 0) return;
      for (std::size_t i = 0; i < types.size(); ++i) {
        types[i].add(worker.found[i]);
        starts[i].store(types[i].start(), std::memory_order_relaxed);
        if (types[i].has_large_ints()) ordinary = false;
      }
      if (!worker.ordinary) ordinary = false;
      if (ordinary) keep_block(worker, file, who);
    };
    run_in_order(read_.threads,
                 {[&](std::int64_t, int who) { return ordinary && blocks.next(member(who).block); },
                  work, commit});
    for (const ColumnTypes& type : types)
      found_->verdicts.push_back(ordinary ? type.verdict() : Verdict{});
    return ordinary && found_->rows > rows_before;
  }

  static ColumnFields fields(const Worker& worker, std::size_t column) {
    return {worker.records, static_cast<std::int64_t>(column), worker.block.text,
            worker.block.begin};
  }

  void look(Worker& worker, const std::vector<std::atomic<Start>>& starts, int who) const {
    const auto rows = static_cast<std::size_t>(worker.records.rows());
    const std::size_t numbers = found_->numbers.size();
    worker.cells.resize(std::max(worker.cells.size(), (numbers + 1) * rows));
    worker.keep.assign(rows, 1);
    worker.found.resize(starts.size());
    worker.forms.assign(starts.size(), {});
    worker.ordinary = true;
    if (rows == 0) return;
    const auto drop = found_->drop_missing ? std::span(worker.keep) : std::span<std::uint8_t>();
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const bool is_number = place_of_[i] != no_number;
      const auto cells =
          std::span(worker.cells).subspan(is_number ? place_of_[i] * rows : numbers * rows, rows);
      const Start start = starts[i].load(std::memory_order_relaxed);
      BlockColumn& found = worker.found[i];
      if (is_number) {
        found = parse_inferred(fields(worker, i), start, cells, drop);
        worker.ordinary = worker.ordinary && make_doubles(found, cells);
      } else {
        found = look_at(fields(worker, i), start, worker.forms[i], cells, drop);
      }
    }
    if (!worker.ordinary) return;
    worker.numbers.clear();
    for (std::size_t i = 0; i < numbers; ++i)
      worker.numbers.push_back(reinterpret_cast<const double*>(worker.cells.data() + i * rows));
    options_.work({worker.numbers, worker.keep}, who);
  }

  // False for what is no number.
  static bool make_doubles(const BlockColumn& found, std::span<std::int64_t> cells) {
    if (found.kind == BlockKind::int64 && !found.missing) to_doubles(cells);
    if (found.kind == BlockKind::missing) std::ranges::fill(cells, missing_cell(CellType::float64));
    return found.kind <= BlockKind::float64;
  }

  void keep_block(const Worker& worker, int file, int who) {
    const std::int64_t begin = worker.block.begin;
    const std::int64_t rows = worker.records.rows();
    const std::int64_t kept = std::ranges::count(worker.keep, std::uint8_t{1});
    found_->blocks.push_back({file, begin, begin + std::ssize(worker.block.text), rows, kept,
                              worker.checksum, worker.plain});
    for (std::size_t i = 0; i < worker.found.size(); ++i)
      found_->columns.push_back(seen_of(worker.found[i], worker.forms[i]));
    found_->rows += rows;
    found_->rows_kept += kept;
    options_.commit({worker.numbers, worker.keep}, who);
  }

  // False where the files' types have no common one that a table would convert them to.
  bool join_types() {
    for (std::size_t i = 0; i < found_->types.size(); ++i) {
      CellType& type = found_->types[i];
      type = found_->verdict(0, i).type;
      const auto is_wide = [](CellType one) {
        return one == CellType::int64 || one == CellType::float64;
      };
      for (std::size_t file = 0; file < found_->sources.size(); ++file) {
        const CellType other = found_->verdict(static_cast<int>(file), i).type;
        if (other == type) continue;
        if (!is_wide(other) || !is_wide(type)) return false;
        type = CellType::float64;
      }
      for (std::size_t file = 0; file < found_->sources.size(); ++file) {
        Verdict& verdict = found_->verdicts[file * found_->types.size() + i];
        if (verdict.type != type) verdict = {CellType::float64, true};
      }
      const bool is_number = place_of_[i] != no_number;
      if (is_number && (!is_wide(type) || reads_as_another_float(i))) return false;
    }
    return true;
  }

  // Whether a number was seen as an int, and is a float by what came later, but not the int's.
  [[nodiscard]] bool reads_as_another_float(std::size_t column) const {
    for (std::size_t block = 0; block < found_->blocks.size(); ++block) {
      const Verdict& verdict = found_->verdict(found_->blocks[block].source, column);
      if (verdict.type == CellType::float64 && !verdict.of_ints &&
          found_->seen(block)[column].float_differs)
        return true;
    }
    return false;
  }

  const SurveyOptions& options_;
  const ReadOptions& read_;
  std::shared_ptr<Surveyed> found_ = std::make_shared<Surveyed>();
  std::vector<std::size_t> place_of_;  // of a column among the number columns
  std::vector<Worker> team_;
};

}  // namespace

std::optional<Survey> Survey::of(std::vector<std::shared_ptr<const Source>> sources,
                                 const SurveyOptions& options, const ReadOptions& read) {
  auto found = Surveyor(options, read).survey(std::move(sources));
  if (!found) return std::nullopt;
  return Survey(std::move(found));
}

const std::vector<std::string>& Survey::names() const { return found_->headers.front().names; }
const std::vector<CellType>& Survey::types() const { return found_->types; }
std::int64_t Survey::rows() const { return found_->rows; }
std::int64_t Survey::rows_kept() const { return found_->rows_kept; }

}  // namespace gradstep::csv
