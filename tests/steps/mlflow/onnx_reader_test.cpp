#include "steps/mlflow/onnx_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "steps/error.hpp"
#include "steps/mlflow/onnx_writer.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

LinearClassifier plain_model() {
  LinearClassifier model;
  model.feature_names = {"BMI", "a, \"b\"\xC3\xA9"};
  model.models = {{.weights = {0.1, -2e-300}, .intercept = -6.73925085731632}};
  model.classes = {std::int64_t{0}, std::int64_t{1}};
  return model;
}

LinearClassifier model_with_scaler() {
  LinearClassifier model = plain_model();
  model.scaler = FeatureScaler{{0.25, 1}, {-0.5, 0}, {2, 0}, {6, 1}, 10};
  return model;
}

LinearClassifier model_of_three_classes() {
  LinearClassifier model = model_with_scaler();
  model.models = {{{0.1, 2}, 3}, {{-4, 5}, 6}, {{7, 8e300}, -9}};
  model.classes = {"a", "b", "c"};
  return model;
}

void expect_equal(const LinearClassifier& found, const LinearClassifier& expected) {
  EXPECT_EQ(found.feature_names, expected.feature_names);
  ASSERT_EQ(found.models.size(), expected.models.size());
  for (std::size_t k = 0; k < found.models.size(); ++k) {
    EXPECT_EQ(found.models[k].weights, expected.models[k].weights);
    EXPECT_EQ(found.models[k].intercept, expected.models[k].intercept);
  }
  EXPECT_EQ(found.classes, expected.classes);
  const FeatureScaler none;
  EXPECT_EQ(found.scaler.has_value(), expected.scaler.has_value());
  EXPECT_EQ(found.scaler.value_or(none).scale, expected.scaler.value_or(none).scale);
  EXPECT_EQ(found.scaler.value_or(none).offset, expected.scaler.value_or(none).offset);
}

std::string refusal_of(const std::string& bytes) {
  try {
    (void)parse_onnx_model(bytes);
  } catch (const DataError& error) {
    return error.what();
  }
  return "";
}

std::string changed(std::string bytes, const std::string& from, const std::string& to) {
  const std::size_t at = bytes.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  EXPECT_EQ(from.size(), to.size()) << "would need other lengths";
  return bytes.replace(at, from.size(), to);
}

TEST(OnnxReader, ReadsWhatTheWriterWrites) {
  expect_equal(parse_onnx_model(onnx_model(plain_model())), plain_model());
  expect_equal(parse_onnx_model(onnx_model(model_with_scaler())), model_with_scaler());
  expect_equal(parse_onnx_model(onnx_model(model_of_three_classes())), model_of_three_classes());
}

TEST(OnnxReader, ReadsEveryKindOfClass) {
  const std::uint64_t large = std::numeric_limits<std::uint64_t>::max();
  for (const std::vector<ClassValue>& classes : {std::vector<ClassValue>{false, true},
                                                 {std::int64_t{-7}, std::int64_t{1}},
                                                 {std::uint64_t{3}, large},
                                                 {0.0, 1e300},
                                                 {std::string("no, \"never\""), std::string("yes")},
                                                 {std::string(), std::string("\xC3\xA9")}}) {
    LinearClassifier model = plain_model();
    model.classes = classes;
    expect_equal(parse_onnx_model(onnx_model(model)), model);
  }
}

TEST(OnnxReader, RefusesAFileThatEndsTooEarlyWhereverThatIs) {
  for (const LinearClassifier& model :
       {plain_model(), model_with_scaler(), model_of_three_classes()}) {
    const std::string whole = onnx_model(model);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      // A copy of its own, so that a sanitizer sees a read behind its end.
      const std::vector<char> part(whole.begin(),
                                   whole.begin() + static_cast<std::ptrdiff_t>(length));
      EXPECT_THROW((void)parse_onnx_model({part.data(), part.size()}), DataError) << length;
    }
  }
}

// A change of a coefficient's digits, or of what nobody needs, cannot be noticed; most are.
TEST(OnnxReader, SurvivesEveryChangedByte) {
  const std::string whole = onnx_model(model_with_scaler());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int mask : {0x01, 0x80, 0xFF}) {
      std::string bytes = whole;
      bytes[at] = static_cast<char>(bytes[at] ^ mask);
      if (!refusal_of(bytes).empty()) ++refused;
    }
  }
  EXPECT_GT(refused, 5 * whole.size() / 2);  // of three times as many
}

TEST(OnnxReader, RefusesTheGraphsOfOtherTools) {
  const std::string ours = onnx_model(model_with_scaler());

  EXPECT_THAT(refusal_of(changed(ours, "Sigmoid", "Softmax")),
              EndsWith("expected a model that train-model wrote"));
  EXPECT_THAT(refusal_of(changed(ours, "coef", "fork")), HasSubstr("graph is none"));
  EXPECT_THAT(refusal_of(changed(ours, "classes", "klassen")), HasSubstr("graph is none"));
  EXPECT_THAT(refusal_of(changed(ours, "feature_names", "feature_lists")),
              HasSubstr("no 'feature_names'"));
  EXPECT_THAT(refusal_of(changed(ours, "[\"BMI\",", "[12345,")), HasSubstr("no 'feature_names'"));
  EXPECT_THAT(refusal_of(ours + ours), "");   // protobuf: the last of each field counts
  const std::string opset("B\4\n\0\x10", 5);  // then the version: 15
  EXPECT_THAT(refusal_of(changed(ours, opset + '\17', opset + '\20')), HasSubstr("graph is none"));
  EXPECT_THAT(refusal_of("PK\x03\x04"), HasSubstr("damaged, or no ONNX model"));
  EXPECT_THAT(refusal_of("flavors:\n  python_function:\n"), HasSubstr("ONNX model"));
}

TEST(OnnxReader, RefusesNamesThatAreNotAsManyAsTheCoefficients) {
  LinearClassifier model = plain_model();
  model.feature_names.pop_back();

  EXPECT_THAT(refusal_of(onnx_model(model)), HasSubstr("1 feature names and 2 coefficients"));
}

TEST(OnnxReader, RefusesNumbersThatAreNotFinite) {
  LinearClassifier model = plain_model();
  model.scaler = FeatureScaler{
      {0.25, 1}, {-0.5, std::numeric_limits<double>::quiet_NaN()}, {2, 0}, {6, 1}, 10};

  EXPECT_THAT(refusal_of(onnx_model(model)), HasSubstr("'min' holds a number that is not finite"));
}

TEST(OnnxReader, RefusesAScalerOfAnotherLengthThanTheCoefficients) {
  for (const auto& [scale, offset] : {std::pair<std::vector<double>, std::vector<double>>{{}, {}},
                                      {{0.25}, {-0.5}},
                                      {{0.25, 1}, {}},
                                      {{0.25, 1}, {-0.5}},
                                      {{}, {-0.5, 0}},
                                      {{0.25, 1, 1}, {-0.5, 0, 0}}}) {
    LinearClassifier model = model_with_scaler();
    model.scaler = FeatureScaler{scale, offset, {}, {}, 10};
    EXPECT_THAT(refusal_of(onnx_model(model)), HasSubstr("differ in length"))
        << scale.size() << " and " << offset.size();
  }
}

TEST(OnnxReader, RefusesTensorsOfAnotherType) {
  // Two dimensions, then data_type; float64 becomes int64.
  const std::string bytes = onnx_model(model_with_scaler());

  EXPECT_THAT(refusal_of(changed(bytes, "\x10\x0B\x42\5scale", "\x10\x07\x42\5scale")),
              HasSubstr("the tensor 'scale' holds no float64"));
  EXPECT_THAT(refusal_of(changed(bytes, "\x10\x0B\x42\4coef", "\x10\x07\x42\4coef")),
              HasSubstr("the tensor 'coef' holds no float64"));
}

TEST(ReadModel, WantsAWholeFolder) {
  const TemporaryFolder folder;
  const auto refusal = [&] {
    try {
      expect_equal(read_model(folder.path()), plain_model());
    } catch (const DataError& error) {
      return std::string(error.what());
    }
    return std::string();
  };

  EXPECT_THAT(refusal(), HasSubstr("found no MLmodel"));
  put(folder.path() / "MLmodel", "flavors: {}\n");
  EXPECT_THAT(refusal(), HasSubstr("found no model.onnx"));
  put(folder.path() / "model.onnx", "\x03");
  EXPECT_THAT(refusal(), HasSubstr((folder.path() / "model.onnx").string() + ": the file"));
  put(folder.path() / "model.onnx", onnx_model(plain_model()));
  EXPECT_EQ(refusal(), "");
}

TEST(ReadModel, WantsAFolder) {
  const TemporaryFolder folder;
  put(folder.path() / "file", "");

  EXPECT_THROW((void)read_model(folder.path() / "none"), IoError);
  EXPECT_THROW((void)read_model(folder.path() / "file"), IoError);
}

}  // namespace
}  // namespace gradstep
