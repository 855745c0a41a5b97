#include "steps/mlflow/prep_scaler.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <system_error>

#include "kernels/core/error.hpp"
#include "kernels/minmax.hpp"
#include "steps/csv/source.hpp"
#include "steps/error.hpp"
#include "steps/mlflow/feature_type.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* report_name = "prep_report.json";

fs::path report_beside(const std::string& training_data) {
  if (training_data == "-")
    throw DataError("--include_scaler: standard input has no " + std::string(report_name) +
                    " beside it; name the folder that prep-data wrote");
  const fs::path path = training_data;
  std::error_code ignored;
  const fs::path report =
      (fs::is_directory(path, ignored) ? path : path.parent_path()) / report_name;
  if (!fs::exists(report, ignored))
    throw DataError("--include_scaler: there is no " + report.string() +
                    ", which says how the training data were scaled; prep-data writes it");
  return report;
}

Json read_report(const fs::path& path) {
  const csv::Source file(path);
  std::string text(static_cast<std::size_t>(file.size()), '\0');
  text.resize(static_cast<std::size_t>(file.read(0, text)));
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("program", Json()) != "prep-data")
    throw DataError("found no report of prep-data; run prep-data again");
  return json;
}

/// A name of a file as the report has it: bytes that are not UTF-8 replaced.
Json name_in_report(const std::string& source) {
  return Json::parse(Json(fs::path(source).filename().string())
                         .dump(-1, ' ', false, Json::error_handler_t::replace));
}

void expect_about(const Json& report, const csv::Source& data) {
  const Json name = name_in_report(data.name());
  const Json& prepared = report.at("file");
  if (name == prepared) return;
  throw DataError("is about " + prepared.dump() + ", but the training data are in " + name.dump() +
                  "; the scaler of other data does not fit the model");
}

/// null, which stands for NaN and infinities, is NaN.
double number(const Json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

void append_unscaled(FeatureScaler& scaler) {
  scaler.scale.push_back(1);
  scaler.offset.push_back(0);
  scaler.minimum.push_back(0);
  scaler.maximum.push_back(1);
}

void append(FeatureScaler& scaler, const Json& column) {
  scaler.scale.push_back(number(column.at("scale")));
  scaler.offset.push_back(number(column.at("offset")));
  scaler.minimum.push_back(number(column.at("minimum")));
  scaler.maximum.push_back(number(column.at("maximum")));
  for (const auto* values : {&scaler.scale, &scaler.offset, &scaler.minimum, &scaler.maximum})
    if (!std::isfinite(values->back()))
      throw DataError("the column " + column.at("name").dump() + " has a scale that is no number");
}

RawFeature raw_feature(const Json& column, std::size_t rows_shown) {
  RawFeature feature;
  feature.type = feature_type_named(column.at("type").get<std::string>());
  for (const Json& value : column.at("first_values")) feature.first_values.push_back(number(value));
  if (feature.first_values.size() != rows_shown)
    throw DataError("does not show the first " + std::to_string(rows_shown) + " rows of " +
                    column.at("name").dump());
  return feature;
}

ScalerOfData scaler_of(const Json& report, const std::vector<std::string>& features) {
  ScalerOfData data;
  data.scaler.rows_seen =
      report.at("rows_read").get<std::int64_t>() - report.at("rows_dropped").get<std::int64_t>();
  const auto shown =
      static_cast<std::size_t>(std::clamp<std::int64_t>(data.scaler.rows_seen, 0, 5));
  const auto& columns = report.at("scaled_columns").get_ref<const Json::array_t&>();
  for (const std::string& feature : features) {
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const Json& c) { return c.at("name") == feature; });
    if (column == columns.end()) {
      append_unscaled(data.scaler);
      data.raw.emplace_back();
    } else {
      append(data.scaler, *column);
      data.raw.emplace_back(raw_feature(*column, shown));
    }
  }
  return data;
}

}  // namespace

ScalerOfData read_scaler(const std::string& training_data,
                         const std::vector<std::string>& features) {
  const fs::path path = report_beside(training_data);
  const auto sources = csv::open_sources(training_data);
  try {
    const Json report = read_report(path);
    for (const auto& source : sources) expect_about(report, *source);
    return scaler_of(report, features);
  } catch (const Json::exception&) {
    throw DataError(path.string() +
                    ": lacks what the scaler needs; an older prep-data wrote it: run it again");
  } catch (const DataError& error) {
    throw DataError(path.string() + ": " + error.what());
  }
}

void expect_scaled_rows(const ScalerOfData& data, const std::string& training_data,
                        std::span<const double* const> features, std::int64_t rows) {
  if (data.scaler.rows_seen != rows)
    throw DataError(training_data + ": found " + std::to_string(rows) + " rows, but the " +
                    report_name + " beside it says that prep-data wrote " +
                    std::to_string(data.scaler.rows_seen) + "; run prep-data again");
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::optional<RawFeature>& raw = data.raw[i];
    if (!raw) continue;
    const ColumnScale by{.scale = data.scaler.scale[i], .offset = data.scaler.offset[i]};
    for (std::size_t row = 0; row < raw->first_values.size(); ++row)
      if (features[i][row] != scaled(raw->first_values[row], by))
        throw DataError(training_data +
                        ": the first rows are not those that prep-data scaled, as " + report_name +
                        " beside it says; run prep-data again");
  }
}

void include_scaler(const ScalerOfData& data, TrainedModel& model) {
  model.scaler = data.scaler;
  for (std::size_t i = 0; i < data.raw.size(); ++i) {
    const std::optional<RawFeature>& raw = data.raw[i];
    if (!raw) continue;
    model.feature_types[i] = raw->type;
    for (std::size_t row = 0; row < model.example.size(); ++row)
      model.example[row][i] = raw->first_values[row];
  }
}

}  // namespace gradstep
