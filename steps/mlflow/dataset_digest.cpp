#include "steps/mlflow/dataset_digest.hpp"

#include <algorithm>
#include <bit>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "steps/mlflow/pandas_hash.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t most_values = 10'000;

void append(std::string& bytes, std::uint64_t word) {
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(word >> (8 * i) & 0xFF);
}

void append(std::string& bytes, std::int64_t word) {
  append(bytes, std::bit_cast<std::uint64_t>(word));
}

bool all_of_type(const TrainingData& data, FeatureType type) {
  return std::count(data.feature_types.begin(), data.feature_types.end(), type) ==
         std::ssize(data.feature_types);
}

std::uint64_t hash_of_class(const ClassValue& value) {
  return std::visit(
      [](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_integral_v<T>) {
          return pandas_hash(static_cast<std::uint64_t>(held));
        } else {
          return pandas_hash(held);
        }
      },
      value);
}

void append_features(std::string& bytes, const TrainingData& data,
                     std::span<const std::int64_t> rows) {
  const bool whole_numbers = std::string_view(dtype_of_features(data)) != "float64";
  const auto width = std::ssize(data.features);
  const std::int64_t values = std::min(most_values, std::ssize(rows) * width);
  data.prefetch(rows.first(static_cast<std::size_t>((values + width - 1) / width)));
  for (std::int64_t i = 0; i < values; ++i) {
    const std::int64_t row = rows[static_cast<std::size_t>(i / width)];
    const double value = data.features[static_cast<std::size_t>(i % width)][row];
    append(bytes, whole_numbers
                      ? pandas_hash(std::bit_cast<std::uint64_t>(static_cast<std::int64_t>(value)))
                      : pandas_hash(value));
  }
  append(bytes, std::ssize(rows));
  append(bytes, std::int64_t{width});
}

void append_targets(std::string& bytes, const Labels& labels, std::span<const std::int64_t> rows) {
  std::vector<std::uint64_t> hashes(labels.classes.size());
  std::ranges::transform(labels.classes, hashes.begin(), hash_of_class);
  for (const std::int64_t row :
       rows.first(std::min<std::size_t>(rows.size(), std::size_t{most_values}))) {
    const std::int32_t k = labels.class_of_row[static_cast<std::size_t>(row)];
    append(bytes, hashes[static_cast<std::size_t>(k)]);
  }
  append(bytes, std::ssize(rows));
}

/// The hashes of a column's first rows; nullopt when the digest leaves the column out.
struct HashedColumn {
  const csv::Column* column;
  bool text;
  std::vector<std::uint64_t> hashes;
};

bool is_number(csv::CellType type) {
  return type == csv::CellType::int64 || type == csv::CellType::uint64 ||
         type == csv::CellType::float64;
}

std::optional<HashedColumn> hashed(const csv::Table& table, const csv::Column& column,
                                   std::int64_t rows) {
  HashedColumn result{&column, column.segments.front().type == csv::CellType::text, {}};
  const csv::CellType type = column.segments.front().type;
  if (column.segments.size() > 1 || !(is_number(type) || type == csv::CellType::text)) {
    return std::nullopt;
  }
  if (!result.text) {
    for (const std::int64_t cell : column.cells.int64().first(static_cast<std::size_t>(rows))) {
      result.hashes.push_back(type == csv::CellType::float64
                                  ? pandas_hash(std::bit_cast<double>(cell))
                                  : pandas_hash(std::bit_cast<std::uint64_t>(cell)));
    }
    return result;
  }
  bool missing = false;
  table.visit_text(column, rows, [&](std::int64_t, std::optional<std::string_view> text) {
    missing = missing || !text;
    result.hashes.push_back(text ? pandas_hash(*text) : 0);
  });
  if (missing) return std::nullopt;
  return result;
}

// pandas' Index.union sorts, unless one side has nothing.
void order_as_union(std::vector<HashedColumn>& columns) {
  const auto texts = std::count_if(columns.begin(), columns.end(),
                                   [](const HashedColumn& column) { return column.text; });
  if (texts == 0 || texts == std::ssize(columns)) return;
  std::stable_sort(columns.begin(), columns.end(), [](const auto& left, const auto& right) {
    return left.column->name < right.column->name;
  });
}

}  // namespace

const char* dtype_of_features(const TrainingData& data) {
  if (all_of_type(data, FeatureType::integer)) return "int64";
  return all_of_type(data, FeatureType::boolean) ? "bool" : "float64";
}

const char* dtype_of_targets(const TrainingData& data) {
  constexpr const char* names[] = {"bool", "int64", "uint64", "float64", "object"};
  return names[data.labels.classes[0].index()];
}

std::string dataset_digest(const TrainingData& data, std::span<const std::int64_t> rows,
                           bool targets) {
  std::string bytes;
  append_features(bytes, data, rows);
  if (targets) append_targets(bytes, data.labels, rows);
  return short_md5(bytes);
}

std::string dataset_digest(const csv::Table& table) {
  const std::int64_t rows = std::min(most_values, table.rows());
  std::vector<HashedColumn> columns;
  for (const csv::Column& column : table.columns) {
    if (std::optional<HashedColumn> found = hashed(table, column, rows)) {
      columns.push_back(std::move(*found));
    }
  }
  order_as_union(columns);

  std::string bytes;
  std::vector<std::uint64_t> cells(columns.size() + 1);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      cells[c] = columns[c].hashes[static_cast<std::size_t>(row)];
    }
    cells.back() = pandas_hash(static_cast<std::uint64_t>(row));
    append(bytes, pandas_row_hash(cells));
  }
  append(bytes, table.rows());
  for (const csv::Column& column : table.columns) bytes += column.name;
  return short_md5(bytes);
}

}  // namespace gradstep
