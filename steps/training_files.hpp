#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/metrics_report.hpp"
#include "steps/stopwatch.hpp"
#include "steps/train_options.hpp"

namespace gradstep {

// Where train-model's metrics.json and coefficients.csv go, and their writing.

/// Refuses outputs that would replace or remove a file of the training data, or, where that is a
/// folder, become one of them.
/// @throws UsageError
void expect_data_kept(const TrainOptions& options,
                      const std::vector<std::shared_ptr<const csv::Source>>& sources);

/// Writes metrics.json: as it is into a device or a pipe, otherwise whole or not at all.
/// @throws IoError
void write_metrics(const TrainReport& report);

/// Adds how long tracking took to what write_metrics() wrote, where that can be done.
void write_tracking_time(TrainReport& report, Stopwatch& watch);

/// Writes coefficients.csv into the model's folder. @returns its text  @throws IoError
std::string write_coefficients(const TrainReport& report);

}  // namespace gradstep
