#include "steps/mlflow/mlmodel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "steps/mlflow/model_writer.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TrainedModel small_model() {
  TrainedModel model;
  model.feature_names = {"a"};
  model.models = {{.weights = {2}}};
  model.iterations = {7};
  model.classes = {std::int64_t{0}, std::int64_t{1}};
  model.feature_types = {FeatureType::real};
  model.example = {{0.5}};
  model.solver = "newton";
  model.reg_rate = 0.01;
  model.device = "cpu";
  model.dataset_digest = "12345678";
  model.python_version = "3.11.14";
  return model;
}

TEST(Mlmodel, QuotesSoThatATextStaysAText) {
  EXPECT_EQ(yaml_string("3.11"), "'3.11'");
  EXPECT_EQ(yaml_string("it's: #1"), "'it''s: #1'");
  EXPECT_THAT(mlmodel_text(small_model(), 0, "now"),
              AllOf(HasSubstr("    python_version: '3.11.14'\n"),
                    HasSubstr("  dataset_digest: '12345678'\n")));
}

TEST(Mlmodel, WritesANumberThatYaml11KnowsForOne) {
  TrainedModel model = small_model();

  EXPECT_THAT(mlmodel_text(model, 0, "now"), HasSubstr("  reg_rate: 0.01\n"));
  model.reg_rate = 1e-5;
  EXPECT_THAT(mlmodel_text(model, 0, "now"), HasSubstr("  reg_rate: 1.0e-05\n"));
  model.reg_rate = 1.5e300;
  EXPECT_THAT(mlmodel_text(model, 0, "now"), HasSubstr("  reg_rate: 1.5e+300\n"));
}

TEST(Mlmodel, NamesColumnsOfAnyTextAndType) {
  TrainedModel model = small_model();
  model.feature_names = {"it's", "\xc3\xa4\n", "\xf0\x9f\x98\x80"};
  model.feature_types = {FeatureType::integer, FeatureType::boolean, FeatureType::real};

  EXPECT_THAT(mlmodel_text(model, 0, "now"),
              HasSubstr("  inputs: '[{\"type\":\"long\",\"name\":\"it''s\",\"required\":true},"
                        "{\"type\":\"boolean\",\"name\":\"\\u00e4\\n\",\"required\":true},"
                        "{\"type\":\"double\",\"name\":\"\\ud83d\\ude00\",\"required\":true}]'\n"));
}

TEST(Mlmodel, SaysWhichLabelsComeOut) {
  TrainedModel model = small_model();
  const auto outputs = [&model] {
    const std::string text = mlmodel_text(model, 0, "now");
    const std::string key = "\"dtype\":\"";
    const std::size_t begin = text.find(key) + key.size();
    return text.substr(begin, text.find('"', begin) - begin);
  };

  EXPECT_EQ(outputs(), "int64");
  model.classes = {std::string("no"), std::string("yes")};
  EXPECT_EQ(outputs(), "str");
  model.classes = {false, true};
  EXPECT_EQ(outputs(), "bool");
  model.classes = {0.0, 1.0};
  EXPECT_EQ(outputs(), "float64");
  model.classes = {std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max()};
  EXPECT_EQ(outputs(), "uint64");
}

TEST(Mlmodel, ShowsAnExampleInTheColumnsTypes) {
  TrainedModel model = small_model();
  model.feature_names = {"a", "b", "c"};
  model.feature_types = {FeatureType::integer, FeatureType::boolean, FeatureType::real};
  model.example = {{-7, 1, 2}, {0x1p53, 0, 1e-9}};

  EXPECT_EQ(input_example_json(model),
            R"({"columns":["a","b","c"],"data":[[-7,true,2.0],[9007199254740992,false,1e-09]]})");
}

TEST(Mlmodel, OnlyCondaAsksForWhatAzureNeeds) {
  EXPECT_EQ(requirements_text(), "mlflow\nnumpy\nscikit-learn\n");
  EXPECT_THAT(conda_text("3.11.14"), AllOf(HasSubstr("- python=3.11.14\n"),
                                           HasSubstr("  - azureml-inference-server-http\n"),
                                           HasSubstr("  - azureml-ai-monitoring\n")));
}

TEST(ModelWriter, WritesTheMarkerLast) {
  const TemporaryFolder folder;
  put(folder.path() / "MLmodel", "older");

  ModelWriter writer(folder.path());
  writer.write(small_model());

  EXPECT_FALSE(std::filesystem::exists(folder.path() / "MLmodel"));
  EXPECT_STREQ(ModelWriter::files.back(), "MLmodel");
  writer.finish();
  std::vector<std::string> written;
  for (const auto& file : std::filesystem::directory_iterator(folder.path()))
    written.push_back(file.path().filename().string());
  EXPECT_THAT(written, testing::UnorderedElementsAreArray(ModelWriter::files));
}

TEST(ModelWriter, TellsWhereAServerKeepsTheModel) {
  const TemporaryFolder folder;
  ModelWriter writer(folder.path());
  writer.write(small_model());

  const std::string here = writer.marker_text({});
  const std::string there =
      writer.marker_text({.run_id = "r", .artifact_path = "a", .model_id = "m-1"});

  EXPECT_THAT(here, AllOf(Not(HasSubstr("model_id")), Not(HasSubstr("run_id")),
                          testing::ContainsRegex("\nmodel_uuid: '[0-9a-f]{32}'\n$")));
  EXPECT_THAT(there,
              EndsWith("artifact_path: 'a'\nrun_id: 'r'\nmodel_id: 'm-1'\nmodel_uuid: 'm-1'\n"));
}

}  // namespace
}  // namespace gradstep
