#include "steps/prep_report.hpp"

#include <nlohmann/json.hpp>

#include <string>

#include "kernels/core/backend.hpp"
#include "steps/mlflow/feature_type.hpp"
#include "steps/version.hpp"

namespace gradstep {

std::string to_json(const PrepReport& report) {
  using Json = nlohmann::ordered_json;
  Json columns = Json::array();
  for (const ScaledColumn& column : report.scaled_columns)
    columns.push_back({{"name", column.name},
                       {"minimum", column.scale.minimum},
                       {"maximum", column.scale.maximum},
                       {"scale", column.scale.scale},
                       {"offset", column.scale.offset},
                       {"type", name_of(column.type)},
                       {"first_values", column.first_values}});
  const Json json = {
      {"schema_version", 1},
      {"program", "prep-data"},
      {"version", version},
      {"commit", commit},
      {"file", report.file.filename().string()},
      {"rows_read", report.rows_read},
      {"rows_dropped", report.rows_dropped},
      {"scaled_columns", columns},
      {"device", report.device.kind()},
      {"device_name", report.device.name},
      {"device_reason", report.device.reason},
      {"threads", report.threads},
  };
  // A file's name may hold any bytes; JSON may not.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace gradstep
