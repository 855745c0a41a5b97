#include "steps/pipeline/ports.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace gradstep::pipeline {
namespace {

std::string text_of(PortType type, const std::string& scalar, bool is_default) {
  const YamlFile file = parse_yaml("x.yml", "a: " + scalar);
  return azure_text(type, *file.root->find("a"), is_default);
}

TEST(Ports, KnowTheirWords) {
  for (const char* word : {"number", "integer", "boolean", "string", "uri_file", "uri_folder",
                           "mltable", "mlflow_model", "custom_model", "triton_model"})
    EXPECT_THAT(port_type(word), testing::Optional(testing::ResultOf(to_word, word)));
  EXPECT_FALSE(port_type("float"));
  EXPECT_TRUE(is_primitive(PortType::string));
  EXPECT_FALSE(is_primitive(PortType::uri_file));
}

// What azure-ai-ml 1.35.2 puts into the REST object of a component and of a job.
TEST(Ports, HandValuesOverAsAzureMlDoes) {
  const std::vector<std::tuple<PortType, std::string, std::string, std::string>> cases = {
      {PortType::number, "5", "5.0", "5"},          {PortType::number, "0.00001", "1e-05", "1e-05"},
      {PortType::number, "'0.5'", "0.5", "0.5"},    {PortType::number, "0.010", "0.01", "0.01"},
      {PortType::integer, "5", "5", "5"},           {PortType::integer, "010", "8", "8"},
      {PortType::integer, "1_000", "1000", "1000"}, {PortType::integer, "-3", "-3", "-3"},
      {PortType::integer, "2.0", "2", "2.0"},       {PortType::boolean, "true", "True", "True"},
      {PortType::boolean, "no", "False", "False"},  {PortType::string, "auto", "auto", "auto"},
      {PortType::string, "'5'", "5", "5"},          {PortType::string, "''", "", ""}};

  for (const auto& [type, scalar, as_default, as_literal] : cases) {
    EXPECT_EQ(text_of(type, scalar, true), as_default) << scalar;
    EXPECT_EQ(text_of(type, scalar, false), as_literal) << scalar;
  }
}

}  // namespace
}  // namespace gradstep::pipeline
