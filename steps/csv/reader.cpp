#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "steps/csv/concat.hpp"
#include "steps/csv/file_reader.hpp"
#include "steps/csv/header.hpp"
#include "steps/csv/message.hpp"
#include "steps/csv/table.hpp"

namespace gradstep::csv {

/// Builds a table from its files, one after the other.
class Reader {
 public:
  Reader(const std::vector<std::shared_ptr<const Source>>& sources, const ReadOptions& options)
      : options_(options) {
    table_.sources_ = sources;
  }

  Table read() {
    for (const auto& source : table_.sources_) {
      headers_.push_back(read_header(*source, options_.block_bytes));
      if (headers_.back().index_columns() > 0)
        options_.warn(index_warning(*source, headers_.back()));
    }
    make_columns();
    for (std::size_t i = 0; i < headers_.size(); ++i) read_file(i);
    for (std::size_t i = 0; i < table_.columns.size(); ++i)
      join_parts(parts_[i], table_.columns[i]);
    return std::move(table_);
  }

 private:
  // The columns asked for, of all files, in order of their first appearance.
  void make_columns() {
    for (const Header& header : headers_) {
      for (const std::string& name : header.names) {
        if (!is_asked_for(name) || !position_.try_emplace(name, table_.columns.size()).second)
          continue;
        table_.columns.push_back({name, Cells(options_.cells_in), {}});
      }
    }
    if (options_.columns)
      for (const std::string& name : *options_.columns) expect_column(name);
    parts_.resize(table_.columns.size());
  }

  [[nodiscard]] bool is_asked_for(const std::string& name) const {
    return !options_.columns || std::ranges::count(*options_.columns, name) > 0;
  }

  void expect_column(const std::string& name) const {
    if (position_.contains(name)) return;
    throw no_such_column(table_.sources_, name, all_names(headers_));
  }

  void read_file(std::size_t file) {
    const Header& header = headers_[file];
    const Source& source = *table_.sources_[file];
    std::vector<KeptColumn> kept;
    for (std::size_t i = 0; i < header.names.size(); ++i) {
      const auto found = position_.find(header.names[i]);
      if (found == position_.end()) continue;
      kept.push_back({&table_.columns[found->second], static_cast<std::int64_t>(i), {}, false});
    }
    FileReader reader(source, header, std::move(kept), table_.rows_, options_);
    reader.read();

    std::vector<const KeptColumn*> of_file(table_.columns.size(), nullptr);
    for (const KeptColumn& column : reader.columns())
      of_file[static_cast<std::size_t>(column.column - table_.columns.data())] = &column;
    const std::int64_t rows = reader.rows() - table_.rows_;
    for (std::size_t i = 0; i < of_file.size(); ++i) {
      const KeptColumn* const column = of_file[i];
      if (column == nullptr) fill_missing(table_.columns[i].cells, rows);
      parts_[i].push_back(
          column == nullptr
              ? Part{table_.rows_, CellType::float64, true, false, rows > 0}
              : Part{table_.rows_, column->verdict.type, false, rows == 0, column->missing});
    }
    for (Stretch stretch : reader.stretches()) {
      stretch.source = static_cast<int>(file);
      table_.stretches_.push_back(stretch);
    }
    table_.rows_ = reader.rows();
  }

  static void fill_missing(Cells& cells, std::int64_t rows) {
    std::ranges::fill(cells.append(rows), missing_cell(CellType::float64));
    cells.evict(cells.size() - rows, cells.size());
  }

  const ReadOptions& options_;
  Table table_;
  std::vector<Header> headers_;
  std::unordered_map<std::string, std::size_t> position_;  // in table_.columns
  std::vector<std::vector<Part>> parts_;                   // of each column, of each file
};

Table read(const std::vector<std::shared_ptr<const Source>>& sources, const ReadOptions& options) {
  return Reader(sources, options).read();
}

}  // namespace gradstep::csv
