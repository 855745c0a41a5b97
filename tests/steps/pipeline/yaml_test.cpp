#include "steps/pipeline/yaml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/plan_scope.hpp"

namespace gradstep::pipeline {

// Found by GoogleTest, which prints with it.
void PrintTo(const Position& at, std::ostream* out) {  // NOLINT(readability-identifier-naming)
  *out << at.line << ':' << at.column;
}

namespace {

YamlFile parse(const std::string& text) { return parse_yaml("x.yml", text); }

std::string refusal(const std::string& text) {
  try {
    (void)parse(text);
  } catch (const DataError& error) {
    return error.what();
  }
  return "accepted";
}

/// Where the marked character stands: the text without the mark, and the place of the mark.
struct Marked {
  std::string text;
  Position at{1, 1};

  explicit Marked(const std::string& marked) : text(marked) {
    const std::size_t mark = marked.find('@');
    text.erase(mark, 1);
    for (std::size_t i = 0; i < mark; ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
      at = text[i] == '\n' ? Position{at.line + 1, 1} : Position{at.line, at.column + 1};
    }
  }
};

TEST(Yaml, RefusesValuesThatHoldThemselves) {
  const std::string why = ": this value holds itself, through an alias";
  EXPECT_EQ(refusal("&a\n<<: *a\nname: x\n"), "x.yml:2:5" + why);
  EXPECT_EQ(refusal("a: &a\n  b: [1, {c: *a}]\n"), "x.yml:2:14" + why);
  EXPECT_EQ(refusal("a: &a {b: 1}\nc: [*a, *a]\n"), "accepted");
}

TEST(Yaml, FindsKeysThroughMergesOfMerges) {
  std::string text = "n0: &n0 {a: 1}\n";
  for (int i = 1; i < 60; ++i) {
    const std::string number = std::to_string(i);
    const std::string before = std::to_string(i - 1);
    text.append("n").append(number).append(": &n").append(number);
    text.append(" {<<: [*n").append(before).append(", *n").append(before).append("]}\n");
  }
  const YamlFile file = parse(text);

  const YamlNode* last = file.root->find("n59");

  EXPECT_EQ(last->text_of("a"), "1");
  EXPECT_EQ(last->find("b"), nullptr);
  EXPECT_EQ(members(last).size(), 1);
}

TEST(Yaml, GivesPlainScalarsTheTypesOfPyYaml) {
  // Each checked with yaml.safe_load of PyYAML 6.0.3.
  const std::vector<std::pair<std::string, ScalarType>> cases = {
      {"", ScalarType::null},
      {"~", ScalarType::null},
      {"null", ScalarType::null},
      {"nULL", ScalarType::text},
      {"yes", ScalarType::boolean},
      {"Off", ScalarType::boolean},
      {"y", ScalarType::text},
      {"tRue", ScalarType::text},
      {"0", ScalarType::integer},
      {"010", ScalarType::integer},
      {"08", ScalarType::text},
      {"1_000", ScalarType::integer},
      {"0x1F", ScalarType::integer},
      {"0b101", ScalarType::integer},
      {"0o17", ScalarType::text},
      {"190:20:30", ScalarType::integer},
      {"1.", ScalarType::real},
      {".5", ScalarType::real},
      {"+.5", ScalarType::text},
      {"1e-6", ScalarType::text},
      {"1.0e-6", ScalarType::real},
      {"1.0e6", ScalarType::text},
      {"-.inf", ScalarType::real},
      {".NaN", ScalarType::real},
      {"inf", ScalarType::text},
      {"1.2.3", ScalarType::text},
      {"190:20:30.15", ScalarType::real},
      {"2001-12-14", ScalarType::timestamp},
      {"2001-12-14 21:59:43.10 -5", ScalarType::timestamp},
      {"2001-1-1", ScalarType::text},
      {"a b", ScalarType::text}};

  for (const auto& [text, type] : cases) EXPECT_EQ(plain_scalar_type(text), type) << text;
}

TEST(Yaml, HasTheNumbersOfPyYaml) {
  const std::vector<std::pair<std::string, double>> cases = {
      {"010", 8},           {"-010", -8}, {"0x1F", 31},          {"0b101", 5},
      {"1_000", 1000},      {"+7", 7},    {"190:20:30", 685230}, {"1.0e-6", 1e-6},
      {"-.inf", -INFINITY}, {".5", 0.5},  {"1.", 1.0},           {"-1:30.5", -90.5}};

  for (const auto& [text, value] : cases) {
    const YamlFile file = parse("a: " + text);
    EXPECT_EQ(real_value(*file.root->find("a")), value) << text;
  }
  EXPECT_TRUE(std::isnan(real_value(*parse("a: .nan").root->find("a"))));
}

TEST(Yaml, QuotedAndTaggedScalarsHaveTheTypeThatIsWritten) {
  const YamlFile file = parse("a: '5'\nb: \"true\"\nc: !!str 5\nd: !!int '5'\ne: |\n  5\n");

  for (const char* key : {"a", "b", "c", "e"})
    EXPECT_EQ(file.root->find(key)->type, ScalarType::text) << key;
  EXPECT_EQ(file.root->find("d")->type, ScalarType::integer);
}

TEST(Yaml, SaysWhereKeysAndValuesStand) {
  const YamlFile file = parse(
      "a: 1\n"
      "b:\n"
      "  c:   'x'\n"
      "  \xC3\xA9: &anchor !!str y\n"
      "d: [1, {e: 2}]\n"
      "f: *anchor\n"
      "g: >-\n"
      "  text\n"
      "h:\n"
      "i: &map\n"
      "  j: ~\n");

  const YamlNode& root = *file.root;
  EXPECT_EQ(root.at, (Position{1, 1}));
  EXPECT_EQ(root.find("a")->at, (Position{1, 4}));
  EXPECT_EQ(root.entry("b")->key->at, (Position{2, 1}));
  EXPECT_EQ(root.find("b")->at, (Position{3, 3}));
  EXPECT_EQ(root.find("b")->find("c")->at, (Position{3, 8}));
  EXPECT_EQ(root.find("b")->find("\xC3\xA9")->at, (Position{4, 20}));
  EXPECT_EQ(root.find("d")->items.at(1)->find("e")->at, (Position{5, 12}));
  EXPECT_EQ(root.find("f"), root.find("b")->find("\xC3\xA9"));
  EXPECT_EQ(root.find("g")->at, (Position{7, 4}));
  EXPECT_EQ(root.find("h")->at, (Position{9, 1}));
  EXPECT_EQ(root.find("i")->at, (Position{11, 3}));
  EXPECT_EQ(root.find("i")->find("j")->at, (Position{11, 6}));
}

TEST(Yaml, FindsAPlaceWithinAnyKindOfScalar) {
  const std::vector<std::string> cases = {"a: one @${{x}} two\n",
                                          "a: 'it''s @${{x}}'\n",
                                          "a: \"a\\\"\\u00e9\\n b @${{x}}\"\n",
                                          "a: >-\n  one\n  two\n\n  @${{x}} three\n",
                                          "a: |\n  one\n    @${{x}}\n",
                                          "a: one\n  two\n  @${{x}}\n",
                                          "a: >-\r\n  one \xC3\xA9\r\n  \xC3\xA9 @${{x}}\r\n",
                                          "k: &z >2\n   lead @${{x}}\na: *z\n"};

  for (const std::string& marked : cases) {
    const Marked expected(marked);
    const YamlFile file = parse(expected.text);
    const YamlNode& scalar = *file.root->find("a");
    EXPECT_EQ(file.position_in(scalar, scalar.text.find("${{")), expected.at) << marked;
  }
}

TEST(Yaml, KeepsDuplicatesAndFindsTheLast) {
  const YamlFile file = parse("a: 1\na: 2\n");

  EXPECT_EQ(file.root->entries.size(), 2U);
  EXPECT_EQ(file.root->text_of("a"), "2");
}

TEST(Yaml, FindsThroughMerges) {
  const YamlFile file = parse("x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: {<<: [*x, {c: 4}]}\n");

  EXPECT_EQ(file.root->find("y")->text_of("a"), "1");
  EXPECT_EQ(file.root->find("y")->text_of("b"), "3");
  EXPECT_EQ(file.root->find("z")->text_of("c"), "4");
  EXPECT_EQ(file.root->find("z")->find("d"), nullptr);
}

TEST(Yaml, TakesAByteOrderMarkAndCarriageReturns) {
  const YamlFile file = parse("\xEF\xBB\xBF---\r\na: 1\r\nb: two\r\n");

  EXPECT_EQ(file.root->text_of("b"), "two");
  EXPECT_EQ(file.root->find("b")->at, (Position{3, 4}));
}

TEST(Yaml, RefusesWhatIsNoMappingOfOneDocument) {
  EXPECT_THAT(refusal("a: [1"), testing::StartsWith("x.yml:1:"));
  EXPECT_THAT(refusal("a: 1\n b: 2\n"), testing::StartsWith("x.yml:2:"));
  EXPECT_THAT(refusal(""), testing::StartsWith("x.yml:1:1: the file is empty"));
  EXPECT_THAT(refusal("- a\n"), testing::HasSubstr("expected names"));
  EXPECT_THAT(refusal("a: 1\n---\nb: 2\n"), testing::StartsWith("x.yml:3:1: a second document"));
  EXPECT_THAT(refusal("a: *none\n"), testing::StartsWith("x.yml:1:"));
}

TEST(Yaml, SetsAValue) {
  YamlFile file = parse("jobs:\n  one: {inputs: {a: 1}}\n  two: {type: command}\n");

  set_value(file, "jobs.one.inputs.a", "1.0e-6");
  set_value(file, "jobs.two.inputs.b", "true");

  const YamlNode& jobs = *file.root->find("jobs");
  EXPECT_EQ(jobs.find("one")->find("inputs")->text_of("a"), "1.0e-6");
  EXPECT_EQ(jobs.find("two")->find("inputs")->find("b")->type, ScalarType::boolean);
}

TEST(Yaml, SetsNothingThatAnAliasShares) {
  YamlFile file = parse("one: {in: &in {a: 1}}\ntwo: {in: *in}\nthree: {<<: *in}\n");

  set_value(file, "two.in.a", "2");
  set_value(file, "three.a", "3");

  EXPECT_EQ(file.root->find("one")->find("in")->text_of("a"), "1");
  EXPECT_EQ(file.root->find("two")->find("in")->text_of("a"), "2");
  EXPECT_EQ(file.root->find("three")->text_of("a"), "3");
}

TEST(Yaml, RefusesToSetWhatLeadsNowhere) {
  YamlFile file = parse("jobs: {train_model: {inputs: {a: 1}}}\n");

  EXPECT_THROW(set_value(file, "jobs.train_modle.inputs.a", "1"), UsageError);
  EXPECT_THROW(set_value(file, "jobs.train_model.inputs.a.b", "1"), UsageError);
  EXPECT_THROW(set_value(file, "jobs..a", "1"), UsageError);
  EXPECT_THROW(set_value(file, "", "1"), UsageError);
}

}  // namespace
}  // namespace gradstep::pipeline
