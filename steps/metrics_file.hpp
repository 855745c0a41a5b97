#pragma once

#include <memory>
#include <vector>

#include "steps/csv/source.hpp"
#include "steps/metrics_report.hpp"
#include "steps/stopwatch.hpp"
#include "steps/train_options.hpp"

namespace gradstep {

/// Refuses to write metrics.json over one of the training data's files. @throws UsageError
void expect_data_kept(const TrainOptions& options,
                      const std::vector<std::shared_ptr<const csv::Source>>& sources);

/// Writes metrics.json where the options say: whole or not at all, unless it is a device or a pipe.
/// @throws IoError
void write_metrics(const TrainReport& report);

/// Adds how long tracking took to what write_metrics() wrote, where that can be done.
void write_tracking_time(TrainReport& report, Stopwatch& watch);

}  // namespace gradstep
