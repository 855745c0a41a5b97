#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "steps/pipeline/check/numbers.hpp"
#include "steps/pipeline/check/values.hpp"

namespace gradstep::pipeline {
namespace {

YamlNode value_of(const std::string& yaml) {
  return *parse_yaml("x.yml", "v: " + yaml + "\n").root->find("v");
}

enum class Verdict { fine, warning, error };

std::ostream& operator<<(std::ostream& out, Verdict verdict) {
  return out << (verdict == Verdict::fine      ? "fine"
                 : verdict == Verdict::warning ? "warning"
                                               : "error");
}

Verdict verdict(const ValueRules& rules, const std::string& yaml, bool is_default) {
  const auto found = misfit(rules, value_of(yaml), is_default);
  if (!found) return Verdict::fine;
  return found->severity == Severity::error ? Verdict::error : Verdict::warning;
}

Verdict as_default(PortType type, const std::string& yaml) {
  return verdict({type, {}, {}, {}}, yaml, true);
}

Verdict in_a_job(PortType type, const std::string& yaml) {
  return verdict({type, {}, {}, {}}, yaml, false);
}

// What the SDK makes of a default: azure-ai-ml 1.35.2, Input(type=..., default=...).default; of a
// value in a job: str(value). An error where that is another value than is written, or refused.

TEST(Values, OfNumbersAreFiniteNumbers) {
  for (const char* fine : {"5", "0.01", "-3.5", "1.0e-6", "0", "1_000"})
    EXPECT_EQ(as_default(PortType::number, fine), Verdict::fine) << fine;
  // Texts that float() takes: they work, but are hardly meant as texts.
  for (const char* odd : {"1e-6", "1e5", "'0.5'", "\"7\""})
    EXPECT_EQ(as_default(PortType::number, odd), Verdict::warning) << odd;
  for (const char* wrong : {"true", "yes", "abc", "''", "~", ".nan", ".inf", "-.inf", "[1]",
                            "{a: b}", "2024-01-01", "010", "1:30", "1.5.2"})
    EXPECT_EQ(as_default(PortType::number, wrong), Verdict::error) << wrong;
}

TEST(Values, OfIntegersAreWhole) {
  for (const char* fine : {"5", "-3", "0", "0x10"})
    EXPECT_EQ(as_default(PortType::integer, fine), Verdict::fine) << fine;
  for (const char* odd : {"5.0", "'5'"})
    EXPECT_EQ(as_default(PortType::integer, odd), Verdict::warning) << odd;
  for (const char* wrong : {"1.5", "'1.5'", "true", "010", "five", ".inf"})
    EXPECT_EQ(as_default(PortType::integer, wrong), Verdict::error) << wrong;
}

TEST(Values, OfBooleansAreTrueOrFalse) {
  for (const char* fine : {"true", "False", "yes", "off", "'true'", "\"False\""})
    EXPECT_EQ(as_default(PortType::boolean, fine), Verdict::fine) << fine;
  for (const char* wrong : {"1", "0", "'yes'", "'on'", "y", "~"})
    EXPECT_EQ(as_default(PortType::boolean, wrong), Verdict::error) << wrong;
}

TEST(Values, OfStringsKeepTheirText) {
  for (const char* fine : {"auto", "'5'", "''", "\"yes\"", "1e-6", "a b"}) {
    EXPECT_EQ(as_default(PortType::string, fine), Verdict::fine) << fine;
    EXPECT_EQ(in_a_job(PortType::string, fine), Verdict::fine) << fine;
  }
  for (const char* wrong :
       {"yes", "on", "true", "010", "1_000", "1.10", "~", "[a]", "2024-01-01"}) {
    EXPECT_EQ(as_default(PortType::string, wrong), Verdict::error) << wrong;
    EXPECT_EQ(in_a_job(PortType::string, wrong), Verdict::error) << wrong;
  }
  EXPECT_EQ(as_default(PortType::string, "5"), Verdict::error);  // becomes 5.0
  EXPECT_EQ(in_a_job(PortType::string, "5"), Verdict::warning);  // stays 5
}

TEST(Values, AreNoFiles) {
  EXPECT_EQ(in_a_job(PortType::uri_file, "./data.csv"), Verdict::error);
  EXPECT_EQ(in_a_job(PortType::mlflow_model, "5"), Verdict::error);
}

TEST(Values, StayWithinTheirLimits) {
  const ValueRules rules = {PortType::number, 0.5, 10, {}};

  EXPECT_EQ(verdict(rules, "0.5", true), Verdict::fine);
  EXPECT_EQ(verdict(rules, "10", true), Verdict::fine);
  EXPECT_EQ(verdict(rules, "0.49", true), Verdict::error);
  EXPECT_EQ(verdict(rules, "10.01", false), Verdict::error);
  EXPECT_EQ(verdict(rules, "1e-6", false), Verdict::error) << "a text, and out of range too";
}

TEST(Values, AreOfTheEnum) {
  const ValueRules rules = {PortType::string, {}, {}, std::vector<std::string>{"auto", "cuda"}};

  EXPECT_EQ(verdict(rules, "cuda", true), Verdict::fine);
  EXPECT_EQ(verdict(rules, "Cuda", true), Verdict::error);
  const auto found = misfit(rules, value_of("cudaa"), false);
  ASSERT_TRUE(found);
  EXPECT_NE(found->message.find("did you mean 'cuda'?"), std::string::npos) << found->message;
}

TEST(Values, TellHowToWriteANumberThatYaml11TakesForAText) {
  // Each checked with yaml.safe_load of PyYAML 6.0.3: the left a str, the right a float.
  EXPECT_EQ(as_yaml_number("1e-6"), "1.0e-6");
  EXPECT_EQ(as_yaml_number("1e5"), "1.0e+5");
  EXPECT_EQ(as_yaml_number("2.5e3"), "2.5e+3");
  for (const char* written : {"1.0e-6", "1.0e+5", "2.5e+3"})
    EXPECT_EQ(plain_scalar_type(written), ScalarType::real) << written;
}

TEST(Values, TellWhichNumbersAreMisread) {
  EXPECT_EQ(misread_number(value_of("8")), "");
  EXPECT_EQ(misread_number(value_of("0.5")), "");
  EXPECT_EQ(misread_number(value_of("0")), "");
  EXPECT_EQ(misread_number(value_of("0x10")), "");
  EXPECT_EQ(misread_number(value_of("'010'")), "");
  EXPECT_NE(misread_number(value_of("010")).find("read as 8"), std::string::npos);
  EXPECT_NE(misread_number(value_of("1:30")).find("read as 90"), std::string::npos);
}

}  // namespace
}  // namespace gradstep::pipeline
