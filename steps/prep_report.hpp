#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kernels/minmax.hpp"
#include "steps/device_choice.hpp"
#include "steps/mlflow/trained_model.hpp"

namespace gradstep {

struct ScaledColumn {
  std::string name;
  ColumnScale scale = {};
  FeatureType type = FeatureType::real;   ///< in the input
  std::vector<double> first_values = {};  ///< in the first rows kept, before they were scaled
};

/// What prep_report.json says.
struct PrepReport {
  std::filesystem::path file;
  std::int64_t rows_read = 0;
  std::int64_t rows_dropped = 0;
  std::vector<ScaledColumn> scaled_columns;
  DeviceChoice device;
  int threads = 1;
};

/// The text of prep_report.json, UTF-8; a number that is not finite becomes null.
[[nodiscard]] std::string to_json(const PrepReport& report);

}  // namespace gradstep
