#pragma once

#include <string>

#include "steps/csv/table.hpp"
#include "steps/prep_data.hpp"
#include "steps/prep_report.hpp"
#include "steps/tracking/record.hpp"

namespace gradstep {

/// What is known before data are prepared: the program, the time, params that flags decide.
[[nodiscard]] RunRecord started_preparation(const PrepDataOptions& options);

/// Adds what was read as a data set, as `mlflow.data.from_pandas` describes it; before it changes.
/// @param user  TrackingSettings::user
void add_input(RunRecord& record, const std::string& user, const std::string& input_data,
               const csv::Table& table);

/// Adds the metrics rows_read and rows_dropped.
void add_results(RunRecord& record, const PrepReport& report);

}  // namespace gradstep
