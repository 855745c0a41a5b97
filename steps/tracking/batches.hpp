#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "steps/tracking/record.hpp"

namespace gradstep {

/// What one request of runs/log-batch may hold.
struct BatchLimits {
  std::size_t params = 100;
  std::size_t tags = 100;
  std::size_t metrics = 1000;
  std::size_t items = 1000;    ///< of all three kinds together
  std::size_t bytes = 900000;  ///< of JSON; servers refuse 1,000,000

  std::size_t longest_param = 6000;  ///< bytes of a value, here and below; MLflow's own limits
  std::size_t longest_tag = 8000;

  /// Source: Azure ML's "Manage resource quotas and limits", metrics and runs
  static BatchLimits azure() { return {.metrics = 250, .longest_param = 500, .longest_tag = 1000}; }
};

/// What runs/log-batch tells of a run.
struct BatchContent {
  const std::string& run_id;
  const KeyValues& params;
  const KeyValues& tags;
  std::span<const LoggedMetric> metrics;
  std::span<const DatasetInput> datasets;  ///< what metrics may name
  const std::string& model_id;             ///< whose those metrics are, too; may be empty
  std::int64_t time = 0;                   ///< of the metrics, milliseconds since 1970
};

/// The JSON of as few requests as the limits allow, in the order above; none when there is nothing.
/// Long params and tags are cut as MLflow cuts them.
[[nodiscard]] std::vector<std::string> batch_bodies(const BatchContent& content,
                                                    const BatchLimits& limits);

}  // namespace gradstep
