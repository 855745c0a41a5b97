#include "steps/csv/survey.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "kernels/core/parallel.hpp"
#include "steps/csv/blocks.hpp"
#include "steps/csv/records_of_block.hpp"
#include "steps/csv/type_inference.hpp"

namespace gradstep::csv {

/// Makes a survey: reads the files, one after the other.
class Surveyor {
 public:
  Surveyor(const SurveyOptions& options, const ReadOptions& read)
      : options_(options), read_(read), team_(static_cast<std::size_t>(std::max(read.threads, 1))) {
    survey_.drop_missing_ = options.drop_missing;
  }

  std::optional<Survey> survey(std::vector<std::shared_ptr<const Source>> sources) {
    survey_.sources_ = std::move(sources);
    for (const auto& source : survey_.sources_) {
      survey_.headers_.push_back(read_header(*source, read_.block_bytes));
      if (!is_ordinary(survey_.headers_.back())) return std::nullopt;
    }
    if (!find_numbers()) return std::nullopt;
    const std::size_t columns = survey_.names().size();
    place_of_.assign(columns, no_number);
    for (std::size_t i = 0; i < survey_.numbers_.size(); ++i) place_of_[survey_.numbers_[i]] = i;
    survey_.types_.assign(columns, CellType::float64);
    for (std::size_t file = 0; file < survey_.sources_.size(); ++file)
      if (!read_file(static_cast<int>(file))) return std::nullopt;
    if (!join_types()) return std::nullopt;
    return std::move(survey_);
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
    std::vector<Survey::Seen> seen;
    bool plain = false;
    bool ordinary = true;  // the number columns hold numbers
  };

  [[nodiscard]] bool is_ordinary(const Header& header) const {
    return header.index_columns() == 0 && header.first_row >= 0 && header.names == survey_.names();
  }

  bool find_numbers() {
    for (const std::string& name : options_.numbers) {
      const auto found = std::ranges::find(survey_.names(), name);
      if (found == survey_.names().end()) return false;
      survey_.numbers_.push_back(static_cast<std::size_t>(found - survey_.names().begin()));
    }
    return true;
  }

  bool read_file(int file) {
    const Source& source = *survey_.sources_[static_cast<std::size_t>(file)];
    const Header& header = survey_.headers_[static_cast<std::size_t>(file)];
    const std::int64_t rows_before = survey_.rows_;
    std::vector<ColumnTypes> types(survey_.types_.size());
    std::vector<std::atomic<Start>> starts(types.size());
    for (auto& start : starts) start = Start::ints;
    std::atomic<bool> ordinary = true;
    BlockReader blocks(source, header.begin, bytes_of_a_block(read_.block_bytes, read_.threads));
    const auto member = [this](int who) -> Worker& { return team_[static_cast<std::size_t>(who)]; };

    const auto work = [&](std::int64_t, int who) {
      Worker& worker = member(who);
      // Before the split, which takes quotes off.
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
        types[i].add(worker.seen[i].found);
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
      survey_.verdicts_.push_back(ordinary ? type.verdict() : Verdict{});
    return ordinary && survey_.rows_ > rows_before;
  }

  static ColumnFields fields(const Worker& worker, std::size_t column) {
    return {worker.records, static_cast<std::int64_t>(column), worker.block.text,
            worker.block.begin};
  }

  void look(Worker& worker, const std::vector<std::atomic<Start>>& starts, int who) const {
    const auto rows = static_cast<std::size_t>(worker.records.rows());
    const std::size_t numbers = survey_.numbers_.size();
    worker.cells.resize(std::max(worker.cells.size(), (numbers + 1) * rows));
    worker.keep.assign(rows, 1);
    worker.seen.resize(starts.size());
    worker.ordinary = true;
    if (rows == 0) return;
    const auto drop = survey_.drop_missing_ ? std::span(worker.keep) : std::span<std::uint8_t>();
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const bool is_number = place_of_[i] != no_number;
      const auto cells =
          std::span(worker.cells).subspan(is_number ? place_of_[i] * rows : numbers * rows, rows);
      const Start start = starts[i].load(std::memory_order_relaxed);
      Survey::Seen& seen = worker.seen[i];
      if (is_number) {
        seen = {parse_inferred(fields(worker, i), start, cells, drop), {}};
        worker.ordinary = worker.ordinary && make_doubles(seen.found, cells);
      } else {
        seen.found = look_at(fields(worker, i), start, seen.forms, cells, drop);
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
    survey_.blocks_.push_back(
        {file, begin, begin + std::ssize(worker.block.text), rows, kept, worker.plain});
    survey_.seen_.insert(survey_.seen_.end(), worker.seen.begin(), worker.seen.end());
    survey_.rows_ += rows;
    survey_.rows_kept_ += kept;
    options_.commit({worker.numbers, worker.keep}, who);
  }

  // False where the files' types have no common one that a table would convert them to.
  bool join_types() {
    for (std::size_t i = 0; i < survey_.types_.size(); ++i) {
      CellType& type = survey_.types_[i];
      type = survey_.verdict(0, i).type;
      const auto is_wide = [](CellType one) {
        return one == CellType::int64 || one == CellType::float64;
      };
      for (std::size_t file = 0; file < survey_.sources_.size(); ++file) {
        const CellType other = survey_.verdict(static_cast<int>(file), i).type;
        if (other == type) continue;
        if (!is_wide(other) || !is_wide(type)) return false;
        type = CellType::float64;
      }
      for (std::size_t file = 0; file < survey_.sources_.size(); ++file) {
        Verdict& verdict = survey_.verdicts_[file * survey_.types_.size() + i];
        if (verdict.type != type) verdict = {CellType::float64, true};
      }
      const bool is_number = place_of_[i] != no_number;
      if (is_number && (!is_wide(type) || reads_as_another_float(i))) return false;
    }
    return true;
  }

  // Whether a number was seen as an int, and is a float by what came later, but not the int's.
  [[nodiscard]] bool reads_as_another_float(std::size_t column) const {
    for (std::size_t block = 0; block < survey_.blocks_.size(); ++block) {
      const Verdict& verdict = survey_.verdict(survey_.blocks_[block].source, column);
      if (verdict.type == CellType::float64 && !verdict.of_ints &&
          survey_.seen(block)[column].found.float_differs)
        return true;
    }
    return false;
  }

  const SurveyOptions& options_;
  const ReadOptions& read_;
  Survey survey_;
  std::vector<std::size_t> place_of_;  // of a column among the number columns
  std::vector<Worker> team_;
};

std::optional<Survey> Survey::of(std::vector<std::shared_ptr<const Source>> sources,
                                 const SurveyOptions& options, const ReadOptions& read) {
  return Surveyor(options, read).survey(std::move(sources));
}

}  // namespace gradstep::csv
