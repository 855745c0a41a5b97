#include "steps/mlflow/prep_scaler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kernels/core/error.hpp"
#include "steps/error.hpp"
#include "steps/prep_report.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Three rows were read and one dropped; a: 2, 6 became 0, 1 by * 0.25 - 0.5.
PrepReport small_report() {
  PrepReport report;
  report.file = "data.csv";
  report.rows_read = 3;
  report.rows_dropped = 1;
  report.scaled_columns = {{"a",
                            {.minimum = 2, .maximum = 6, .scale = 0.25, .offset = -0.5},
                            FeatureType::integer,
                            {2, 6}}};
  return report;
}

class PrepScaler : public testing::Test {
 protected:
  void write(const PrepReport& report) { put(folder() / "prep_report.json", to_json(report)); }
  void put_data(const std::string& name = "data.csv") { put(folder() / name, "a,b,y\n"); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  /// What is said when the data of the folder are taken with features a and b.
  [[nodiscard]] std::string refusal() const {
    try {
      (void)read_scaler(folder().string(), {"b", "a"});
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(PrepScaler, PutsTheScalesInTheModelsOrder) {
  write(small_report());
  put_data();

  const ScalerOfData data = read_scaler(folder().string(), {"b", "a"});

  EXPECT_THAT(data.scaler.scale, ElementsAre(1, 0.25));
  EXPECT_THAT(data.scaler.offset, ElementsAre(0, -0.5));
  EXPECT_THAT(data.scaler.minimum, ElementsAre(0, 2));
  EXPECT_THAT(data.scaler.maximum, ElementsAre(1, 6));
  EXPECT_EQ(data.scaler.rows_seen, 2);
  EXPECT_FALSE(data.raw[0].has_value());
  const std::optional<RawFeature>& scaled = data.raw[1];
  ASSERT_TRUE(scaled.has_value());
  EXPECT_EQ(scaled->type, FeatureType::integer);
  EXPECT_THAT(scaled->first_values, ElementsAre(2, 6));
}

TEST_F(PrepScaler, FindsTheReportBesideAFile) {
  write(small_report());
  put_data();

  EXPECT_THAT(read_scaler((folder() / "data.csv").string(), {"a"}).scaler.scale, ElementsAre(0.25));
}

TEST_F(PrepScaler, MakesTheModelOneOfRawRows) {
  write(small_report());
  put_data();
  TrainedModel model;
  model.feature_types = {FeatureType::integer, FeatureType::real};
  model.example = {{7, 0}, {8, 1}};

  include_scaler(read_scaler(folder().string(), {"b", "a"}), model);

  EXPECT_TRUE(model.scaler.has_value());
  EXPECT_THAT(model.feature_types, ElementsAre(FeatureType::integer, FeatureType::integer));
  EXPECT_THAT(model.example, ElementsAre(ElementsAre(7, 2), ElementsAre(8, 6)));
}

TEST_F(PrepScaler, RefusesDataWithoutAReport) {
  put_data();

  EXPECT_THAT(refusal(), HasSubstr("no " + (folder() / "prep_report.json").string()));
  EXPECT_THROW((void)read_scaler("-", {"a"}), DataError);
}

TEST_F(PrepScaler, RefusesADamagedOrForeignReport) {
  put_data();
  for (const char* text : {"", "{\"program\": \"prep-da", "[1]", "{}", "{\"program\": 5}"}) {
    put(folder() / "prep_report.json", text);
    EXPECT_THAT(refusal(), HasSubstr("prep_report.json: found no report of prep-data")) << text;
  }
}

TEST_F(PrepScaler, SaysThatAReportCannotBeRead) {
  put_data();
  std::filesystem::create_directory(folder() / "prep_report.json");

  EXPECT_THROW((void)read_scaler(folder().string(), {"a"}), IoError);
}

TEST_F(PrepScaler, RefusesAReportThatLacksSomething) {
  put_data();
  const std::string whole = to_json(small_report());
  for (const std::string key : {"file", "rows_read", "rows_dropped", "scaled_columns", "name",
                                "scale", "offset", "minimum", "maximum", "type", "first_values"}) {
    std::string text = whole;
    text.replace(text.find('"' + key + '"'), key.size() + 2, "\"renamed\"");
    put(folder() / "prep_report.json", text);
    EXPECT_THAT(refusal(), HasSubstr("an older prep-data wrote it")) << key;
  }
}

TEST_F(PrepScaler, RefusesAReportWithoutAListOfColumns) {
  put_data();
  put(folder() / "prep_report.json",
      R"({"program": "prep-data", "file": "data.csv", "rows_read": 2, "rows_dropped": 0,
          "scaled_columns": null})");

  EXPECT_THAT(refusal(), HasSubstr("an older prep-data wrote it"));
}

TEST_F(PrepScaler, RefusesAReportAboutOtherFiles) {
  write(small_report());

  put_data("other.csv");
  EXPECT_THAT(refusal(),
              HasSubstr("is about \"data.csv\", but the training data are in \"other.csv\""));
  put_data("data.csv");
  EXPECT_THAT(refusal(), HasSubstr("\"other.csv\""));  // the folder holds both
}

TEST_F(PrepScaler, ReadsTheNameOfAFileThatIsNoUtf8) {
  PrepReport report = small_report();
  report.file = "caf\xe9.csv";
  write(report);
  put_data("caf\xe9.csv");

  EXPECT_EQ(refusal(), "");
}

TEST_F(PrepScaler, RefusesAReportThatShowsTooFewRows) {
  PrepReport report = small_report();
  report.scaled_columns[0].first_values.pop_back();
  write(report);
  put_data();

  EXPECT_THAT(refusal(), HasSubstr("does not show the first 2 rows of \"a\""));
}

TEST_F(PrepScaler, RefusesAScaleOfNoNumbers) {
  PrepReport report = small_report();
  report.scaled_columns[0].scale = ColumnScale{};
  write(report);
  put_data();

  EXPECT_THAT(refusal(), HasSubstr("\"a\" has a scale that is no number"));
}

TEST_F(PrepScaler, RefusesRowsThatPrepDataDidNotWrite) {
  write(small_report());
  put_data();
  const ScalerOfData data = read_scaler(folder().string(), {"a"});
  const std::vector<double> scaled = {0, 1, 0.5};
  const std::vector<double> others = {0, 0.5};
  const double* column = scaled.data();
  const double* other_column = others.data();

  EXPECT_NO_THROW(expect_scaled_rows(data, "data.csv", {&column, 1}, 2));
  EXPECT_THROW(expect_scaled_rows(data, "data.csv", {&column, 1}, 3), DataError);
  EXPECT_THROW(expect_scaled_rows(data, "data.csv", {&other_column, 1}, 2), DataError);
}

}  // namespace
}  // namespace gradstep
