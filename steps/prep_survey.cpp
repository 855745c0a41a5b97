#include "steps/prep_survey.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "kernels/core/backend.hpp"
#include "kernels/minmax.hpp"

namespace gradstep {
namespace {

/// Finds the extremes of the scaled columns and their first values, from the blocks that a survey
/// shows.
class Looker {
 public:
  Looker(std::size_t columns, int threads)
      : found_by_(static_cast<std::size_t>(std::max(threads, 1)),
                  std::vector<ColumnScale>(columns)),
        found_(columns),
        first_values_(columns) {}

  void work(const csv::SurveyedRows& rows, int worker) {
    column_minmax(rows.numbers, rows.keep, found_by_[static_cast<std::size_t>(worker)], 1,
                  Backend::cpu);
  }

  void commit(const csv::SurveyedRows& rows, int worker) {
    const std::vector<ColumnScale>& of_block = found_by_[static_cast<std::size_t>(worker)];
    for (std::size_t i = 0; i < found_.size(); ++i) {
      found_[i].minimum = std::fmin(found_[i].minimum, of_block[i].minimum);
      found_[i].maximum = std::fmax(found_[i].maximum, of_block[i].maximum);
    }
    for (std::size_t row = 0; row < rows.keep.size() && first_rows_ < most_first_rows; ++row) {
      if (rows.keep[row] == 0) continue;
      ++first_rows_;
      for (std::size_t i = 0; i < found_.size(); ++i)
        first_values_[i].push_back(rows.numbers[i][row]);
    }
  }

  [[nodiscard]] ColumnScale scale(std::size_t column) const {
    return scale_of_range(found_[column].minimum, found_[column].maximum);
  }
  [[nodiscard]] const std::vector<double>& first_values(std::size_t column) const {
    return first_values_[column];
  }

 private:
  static constexpr int most_first_rows = 5;

  std::vector<std::vector<ColumnScale>> found_by_;  // each worker's latest block
  std::vector<ColumnScale> found_;
  std::vector<std::vector<double>> first_values_;
  int first_rows_ = 0;
};

FeatureType type_of(const csv::Survey& survey, const std::string& name) {
  const auto at = std::ranges::find(survey.names(), name) - survey.names().begin();
  return survey.types()[static_cast<std::size_t>(at)] == csv::CellType::int64 ? FeatureType::integer
                                                                              : FeatureType::real;
}

}  // namespace

std::optional<SurveyedInput> survey_input(
    const std::vector<std::shared_ptr<const csv::Source>>& sources, const PrepDataOptions& options,
    const csv::ReadOptions& read) {
  Looker looker(options.columns.size(), read.threads);
  csv::SurveyOptions how;
  how.numbers = options.columns;
  how.drop_missing = options.dropna;
  how.work = [&looker](const csv::SurveyedRows& rows, int worker) { looker.work(rows, worker); };
  how.commit = [&looker](const csv::SurveyedRows& rows, int worker) {
    looker.commit(rows, worker);
  };
  std::optional<csv::Survey> survey = csv::Survey::of(sources, how, read);
  if (!survey || survey->rows_kept() == 0) return std::nullopt;

  SurveyedInput input{std::move(*survey), {}};
  for (std::size_t i = 0; i < options.columns.size(); ++i) {
    const ColumnScale scale = looker.scale(i);
    if (std::isinf(scale.minimum) || std::isinf(scale.maximum)) return std::nullopt;
    input.scaled.push_back({.name = options.columns[i],
                            .scale = scale,
                            .type = type_of(input.survey, options.columns[i]),
                            .first_values = looker.first_values(i)});
  }
  return input;
}

void write_scaled(const SurveyedInput& input,
                  const std::function<void(std::string_view text, std::int64_t rows)>& write,
                  int threads) {
  const auto scale = [&input](std::size_t number, std::span<double> values) {
    double* const column = values.data();
    scale_columns({&column, 1}, std::ssize(values), {&input.scaled[number].scale, 1}, 1,
                  Backend::cpu);
  };
  input.survey.rewrite(scale, write, threads);
}

}  // namespace gradstep
