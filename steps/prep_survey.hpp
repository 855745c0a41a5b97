#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/csv/survey.hpp"
#include "steps/prep_data.hpp"
#include "steps/prep_report.hpp"

namespace gradstep {

/// An input that was read once, and what scales it while it is read again.
struct SurveyedInput {
  csv::Survey survey;
  std::vector<ScaledColumn> scaled;  ///< as named by --columns
};

/// Reads an input once, on the CPU.
/// @return nothing where it takes a table: see csv::Survey, and where prep-data refuses the values,
///         as a table tells which row is to blame
/// @throws DataError, IoError  what csv::read throws
std::optional<SurveyedInput> survey_input(
    const std::vector<std::shared_ptr<const csv::Source>>& sources, const PrepDataOptions& options,
    const csv::ReadOptions& read);

/// Reads it again and writes its kept rows, scaled. @param write  as in csv::Table::write
void write_scaled(const SurveyedInput& input,
                  const std::function<void(std::string_view text, std::int64_t rows)>& write,
                  int threads);

}  // namespace gradstep
