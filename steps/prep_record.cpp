#include "steps/prep_record.hpp"

#include <cstdint>

#include "steps/mlflow/dataset_digest.hpp"
#include "steps/tracking/request_json.hpp"
#include "steps/tracking/run_context.hpp"

namespace gradstep {
namespace {

// MLflow's name of a column's type. It knows no unsigned numbers, and takes a mixture for text.
const char* type_name(const csv::Column& column) {
  if (column.segments.size() > 1) return "string";
  switch (column.segments.front().type) {
    case csv::CellType::int64:
      return "long";
    case csv::CellType::uint64:
    case csv::CellType::float64:
      return "double";
    case csv::CellType::boolean:
      return "boolean";
    case csv::CellType::text:
    case csv::CellType::big_int:
      break;
  }
  return "string";
}

std::string schema(const csv::Table& table) {
  Json columns = Json::array();
  for (const csv::Column& column : table.columns) {
    const bool never_missing =
        column.segments.size() == 1 && column.segments.front().type == csv::CellType::int64;
    columns.push_back(
        {{"type", type_name(column)}, {"name", column.name}, {"required", never_missing}});
  }
  return compact_text({{"mlflow_colspec", columns}});
}

}  // namespace

RunRecord started_preparation(const PrepDataOptions& options) {
  RunRecord record = started_run("prep-data");
  std::string columns;
  for (const std::string& name : options.columns) columns += (columns.empty() ? "" : ",") + name;
  record.params = {{"columns", columns}, {"dropna", options.dropna ? "True" : "False"}};
  return record;
}

void add_input(RunRecord& record, const std::string& user, const std::string& input_data,
               const csv::Table& table) {
  const bool piped = input_data == "-";
  const auto columns = std::ssize(table.columns);
  record.datasets.push_back(
      {.name = "dataset",
       .digest = dataset_digest(table),
       .context = "input",
       .source_type = piped ? "code" : "local",
       .source = piped ? code_source(record.program, user) : file_source(input_data),
       .schema = schema(table),
       .profile =
           compact_text({{"num_rows", table.rows()}, {"num_elements", table.rows() * columns}})});
}

void add_results(RunRecord& record, const PrepReport& report) {
  record.params.emplace_back("device", report.device.kind());
  record.metrics = {{"rows_read", static_cast<double>(report.rows_read)},
                    {"rows_dropped", static_cast<double>(report.rows_dropped)}};
}

}  // namespace gradstep
