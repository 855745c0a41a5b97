#include "steps/mlflow/onnx_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gradstep {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Expected bytes are spelled by hand after onnx.proto: a tag is field << 3 | wire type, where the
// type 0 is a number and 2 are bytes that their length precedes. That runtimes read the whole is
// for the tests with MLflow to show.

LinearClassifier one_feature() {
  LinearClassifier model;
  model.feature_names = {"a"};
  model.models = {{.weights = {2}, .intercept = -1}};
  model.classes = {std::int64_t{0}, std::int64_t{300}};
  return model;
}

std::string bytes(int field, const std::string& value) {
  return std::string{static_cast<char>(field << 3 | 2), static_cast<char>(value.size())} + value;
}

std::string real(double value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};  // x86 is little-endian
}

TEST(OnnxWriter, BeginsWithIrVersionAndProducer) {
  EXPECT_THAT(onnx_model(one_feature()), StartsWith("\x08\x08"s + bytes(2, "gradstep")));
}

TEST(OnnxWriter, WritesTheModelAsInitializers) {
  const std::string file = onnx_model(one_feature());

  // dims [1, 1], data_type 11, name, raw_data
  EXPECT_THAT(file, HasSubstr("\x08\x01\x08\x01\x10\x0b"s + bytes(8, "coef") + bytes(9, real(2))));
  EXPECT_THAT(file, HasSubstr("\x08\x01\x10\x0b"s + bytes(8, "intercept") + bytes(9, real(-1))));
  EXPECT_THAT(file, HasSubstr("\x08\x02\x10\x07"s + bytes(8, "classes") +
                              bytes(9, "\0\0\0\0\0\0\0\0\x2c\x01\0\0\0\0\0\0"s)));
  EXPECT_THAT(file, Not(HasSubstr("scale")));
}

TEST(OnnxWriter, WritesTheWeightsOfThreeClassesFeatureByFeature) {
  LinearClassifier model = one_feature();
  model.feature_names = {"a", "b"};
  model.models = {{{1, 2}, 3}, {{4, 5}, 6}, {{7, 8}, 9}};
  model.classes = {std::int64_t{0}, std::int64_t{1}, std::int64_t{2}};

  const std::string file = onnx_model(model);

  // dims [2, 3]
  EXPECT_THAT(file, HasSubstr("\x08\x02\x08\x03\x10\x0b"s + bytes(8, "coef") +
                              bytes(9, real(1) + real(4) + real(7) + real(2) + real(5) + real(8))));
  EXPECT_THAT(file, HasSubstr("\x08\x03\x10\x0b"s + bytes(8, "intercept") +
                              bytes(9, real(3) + real(6) + real(9))));
}

TEST(OnnxWriter, WritesClassesOfEachKind) {
  LinearClassifier model = one_feature();

  model.classes = {std::string("no"), std::string("yes")};
  EXPECT_THAT(onnx_model(model), HasSubstr("\x08\x02\x10\x08"s + bytes(8, "classes") +
                                           bytes(6, "no") + bytes(6, "yes")));

  model.classes = {false, true};
  EXPECT_THAT(onnx_model(model),
              HasSubstr("\x08\x02\x10\x09"s + bytes(8, "classes") + bytes(9, "\0\x01"s)));

  model.classes = {0.0, 2.0};
  EXPECT_THAT(onnx_model(model),
              HasSubstr("\x08\x02\x10\x0b"s + bytes(8, "classes") + bytes(9, real(0) + real(2))));
}

TEST(OnnxWriter, ScalesFirst) {
  LinearClassifier model = one_feature();
  model.scaler =
      FeatureScaler{.scale = {0.5}, .offset = {-3}, .minimum = {6}, .maximum = {8}, .rows_seen = 9};

  const std::string file = onnx_model(model);

  EXPECT_THAT(file, HasSubstr("\x08\x01\x10\x0b"s + bytes(8, "scale") + bytes(9, real(0.5))));
  EXPECT_THAT(file, HasSubstr("\x08\x01\x10\x0b"s + bytes(8, "min") + bytes(9, real(-3))));
  EXPECT_THAT(file, HasSubstr(bytes(1, "X") + bytes(1, "scale") + bytes(2, "X_times_scale")));
}

TEST(OnnxWriter, KeepsTheNamesAsJson) {
  LinearClassifier model = one_feature();
  model.feature_names = {"a,b", "\"\xc3\xa4\""};

  EXPECT_THAT(onnx_model(model), HasSubstr(bytes(1, "feature_names") + bytes(2, R"(["a,b","\")"
                                                                                "\xc3\xa4"
                                                                                R"(\""])")));
}

}  // namespace
}  // namespace gradstep
