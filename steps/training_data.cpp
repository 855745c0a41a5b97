#include "steps/training_data.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "kernels/core/error.hpp"
#include "kernels/core/parallel.hpp"
#include "kernels/decision_function.hpp"
#include "steps/columns_on_disk.hpp"
#include "steps/mlflow/feature_type.hpp"
#include "steps/python_repr.hpp"

namespace gradstep {
namespace {

constexpr std::int64_t rows_per_item = 65'536;

/// Calls `work` on runs of consecutive rows, in parallel.
template <class Work>
void for_rows(std::int64_t rows, int threads, const Work& work) {
  const std::int64_t items = (rows + rows_per_item - 1) / rows_per_item;
  for_each_in_order(
      items, threads,
      [&](std::int64_t item, int) {
        const std::int64_t first = item * rows_per_item;
        work(first, std::min(rows, first + rows_per_item));
      },
      [](std::int64_t, int) {});
}

/// Refuses a cell that `is_bad`, naming its place, in the words of `finding(cell)`.
template <class IsBad, class Finding>
void expect_none(const csv::Table& table, const csv::Column& column, int threads,
                 const IsBad& is_bad, const Finding& finding) {
  const double* const values = column.cells.float64().data();
  for_rows(table.rows(), threads, [&](std::int64_t first, std::int64_t last) {
    column.cells.prefetch(first, last);
    const double* const bad = std::find_if(values + first, values + last, is_bad);
    if (bad == values + last) return;
    const csv::Location place = table.locate(bad - values);
    throw DataError(place.file + ":" + std::to_string(place.line) + ": column '" + column.name +
                    "': " + finding(*bad));
  });
}

/// scikit-learn refuses NaN and infinity too.
void expect_finite(const csv::Table& table, const csv::Column& column, int threads) {
  expect_none(
      table, column, threads, [](double v) { return !std::isfinite(v); },
      [](double v) -> std::string {
        return std::isnan(v) ? "the value is missing; prep-data drops such rows"
                             : "the value is infinite; a finite number is needed";
      });
}

void expect_not_negative(const csv::Table& table, const csv::Column& column, int threads) {
  expect_none(
      table, column, threads, [](double v) { return v < 0; },
      [](double v) { return "found " + python_repr(v) + "; a weight is 0 or more"; });
}

std::vector<std::string> columns_needed(const TrainingColumns& names) {
  std::vector<std::string> needed = names.features;
  if (std::ranges::count(needed, names.label) == 0) needed.push_back(names.label);
  if (!names.weight.empty()) needed.push_back(names.weight);
  return needed;
}

Labels labels_of(const csv::Table& table, const csv::Column& column) {
  const csv::ReadInOrder in_order(column.cells);
  return read_labels(table, column);
}

/// Makes `column` finite numbers.
void to_numbers(csv::Table& table, csv::Column& column, int threads) {
  if (!column.is_float64()) table.to_float64(column, {}, threads);
  expect_finite(table, column, threads);
}

/// Takes the weights out of the table.
std::vector<double> take_weights(csv::Table& table, csv::Column& column, int threads) {
  to_numbers(table, column, threads);
  expect_not_negative(table, column, threads);
  const csv::Cells cells = std::exchange(column.cells, csv::Cells());
  const csv::ReadInOrder in_order(cells);
  const std::span<const double> weights = cells.float64();
  return {weights.begin(), weights.end()};
}

}  // namespace

TrainingData read_training_data(const std::vector<std::shared_ptr<const csv::Source>>& sources,
                                const TrainingColumns& names, int threads, const Log& log,
                                csv::CellPlace cells_in) {
  TrainingData data;
  data.table = csv::read(sources, {.columns = columns_needed(names),
                                   .threads = threads,
                                   .cells_in = cells_in,
                                   .warn = [&](const std::string& line) { log.warn(line); }});
  if (data.rows() == 0) throw DataError(sources.front()->name() + ": no rows");
  // Before the features are converted: the label may be one of them.
  csv::Column& label_column = data.table.find(names.label);
  data.labels = labels_of(data.table, label_column);
  if (std::ranges::count(names.features, names.label) == 0) label_column.cells = csv::Cells();
  if (!names.weight.empty())
    data.row_weight = take_weights(data.table, data.table.find(names.weight), threads);
  for (const std::string& name : names.features) {
    csv::Column& column = data.table.find(name);
    data.feature_types.push_back(feature_type(column));
    to_numbers(data.table, column, threads);
    column.cells.release(0, data.rows());
    data.columns.push_back(&column.cells);
    data.features.push_back(column.cells.float64().data());
  }
  return data;
}

std::unique_ptr<RowBlocks> TrainingData::row_blocks(std::int64_t resident_bytes) const {
  if (columns.front()->place() == csv::CellPlace::memory)
    return std::make_unique<ColumnsInMemory<double>>(features, rows());
  return std::make_unique<ColumnsOnDisk>(columns, rows(), resident_bytes);
}

void TrainingData::prefetch(std::span<const std::int64_t> rows) const {
  for (const csv::Cells* column : columns)
    for (const std::int64_t row : rows) column->prefetch(row, row + 1);
}

std::vector<std::vector<double>> decisions(const RowBlocks& rows,
                                           std::span<const ClassModel> models, int threads) {
  std::vector<std::vector<double>> z(models.size());
  for (std::vector<double>& of_class : z) of_class.resize(static_cast<std::size_t>(rows.rows()));
  rows.for_each(
      threads,
      [&](const RowBlock& block, int) {
        for (std::size_t k = 0; k < models.size(); ++k)
          decision_function(block.float64,
                            {.weights = models[k].weights, .intercept = models[k].intercept},
                            std::span(z[k]).subspan(static_cast<std::size_t>(block.first_row),
                                                    static_cast<std::size_t>(block.rows)),
                            1, Backend::cpu);
      },
      [](std::int64_t, int) {});
  return z;
}

}  // namespace gradstep
