#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "steps/pipeline/check/command.hpp"

namespace gradstep::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Port port(const std::string& name, PortType type, bool optional) {
  Port result;
  result.name = name;
  result.at = {1, 1};
  result.type = type;
  result.optional = optional;
  return result;
}

/// What is said about `command: >-` with these lines, for the inputs data, rate and the optional
/// seed, and the output model.
std::vector<std::string> check(const std::string& lines, const std::string& style = ">-") {
  const YamlFile file = parse_yaml("x.yml", "command: " + style + "\n" + lines);
  CommandScope scope;
  scope.ports.inputs = {port("data", PortType::uri_file, false),
                        port("rate", PortType::number, false),
                        port("seed", PortType::integer, true)};
  scope.ports.outputs = {port("model", PortType::mlflow_model, false)};
  Findings findings;
  check_command(Report(file, findings), *file.root->find("command"), scope);
  std::vector<std::string> result;
  for (const Finding& finding : findings.sorted()) result.push_back(to_string(finding));
  return result;
}

std::string rest() {
  return "  ${{inputs.data}} ${{inputs.rate}} $[[${{inputs.seed}}]] ${{outputs.model}}\n";
}

TEST(Command, MayBeWrittenInManyWays) {
  EXPECT_THAT(check("  train\n" + rest()), IsEmpty());
  EXPECT_THAT(
      check("  train ${{ inputs.data }} ${{inputs.rate }} $[[ --seed ${{ inputs.seed }} ]]\n"
            "  --out=\"${{outputs.model}}\"\n"),
      IsEmpty());
  EXPECT_THAT(check("  [[ -f x ]] && sed 's/\\./,/' ${HOME} $(pwd) && train\n" + rest()),
              IsEmpty());
  EXPECT_THAT(check("  train --once ${{inputs.data}} --again ${{inputs.data}}\n" + rest()),
              IsEmpty());
}

TEST(Command, NamesItsPorts) {
  EXPECT_THAT(check("  train ${{inputs.dtaa}}\n" + rest()),
              ElementsAre("x.yml:2:9: error: ${{inputs.dtaa}}: there is no input 'dtaa', did you "
                          "mean 'data'?"));
  EXPECT_THAT(check("  train\n  ${{outputs.data}}\n" + rest()),
              ElementsAre(HasSubstr("x.yml:3:3: error: ${{outputs.data}}: there is no output")));
  EXPECT_THAT(check("  train ${{rate}}\n" + rest()),
              ElementsAre("x.yml:2:9: error: ${{rate}} names no port: write ${{inputs.rate}}"));
  EXPECT_THAT(check("  train ${{parent.inputs.rate}}\n" + rest()),
              ElementsAre(HasSubstr("write ${{inputs.rate}}")));
  EXPECT_THAT(check("  train ${inputs.rate}\n" + rest()),
              ElementsAre(HasSubstr("x.yml:2:9: error: '${inputs.rate}' is no binding: write "
                                    "${{inputs.rate}}")));
  EXPECT_THAT(check("  train {{inputs.rate}}\n" + rest()),
              ElementsAre(HasSubstr("x.yml:2:9: error: '{{inputs.rate}}' is no binding")));
}

TEST(Command, ClosesItsBrackets) {
  EXPECT_THAT(check("  train ${{inputs.rate\n" + rest()),
              ElementsAre("x.yml:2:9: error: '${{' has no '}}' behind it"));
  EXPECT_THAT(check("  train --seed ${{inputs.seed}}]]\n" + rest()),
              testing::Contains("x.yml:2:32: warning: ']]' has no '$[[' in front of it"));
  EXPECT_THAT(check("  train ${{inputs.data}} ${{inputs.rate}} ${{outputs.model}}\n"
                    "  $[[--seed ${{inputs.seed}}\n"),
              ElementsAre("x.yml:3:3: error: '$[[' has no ']]' behind it"));
}

TEST(Command, PutsOptionalInputsInBracketsAndNothingElse) {
  EXPECT_THAT(check("  train --seed ${{inputs.seed}}\n" + rest()),
              ElementsAre(HasSubstr("x.yml:2:16: error: the input 'seed' is optional")));
  EXPECT_THAT(check("  train $[[--rate ${{inputs.rate}}]]\n" + rest()),
              ElementsAre(HasSubstr("x.yml:2:9: error: $[[--rate ${{inputs.rate}}]] holds no "
                                    "optional input")));
  EXPECT_THAT(check("  train $[[--fast]]\n" + rest()),
              ElementsAre(HasSubstr("x.yml:2:9: error: $[[--fast]] holds no optional input")));
  EXPECT_THAT(check("  train $[[--a ${{inputs.seed}} --b ${{inputs.rate}}]]\n" + rest()),
              IsEmpty());
}

TEST(Command, MayEndListsWithinLists) {
  const std::string ports = "${{inputs.data}} ${{inputs.rate}} ${{outputs.model}}\n";
  const YamlFile file = parse_yaml("x.yml", "command: train --layers '[1,[2,3]]' " + ports);
  CommandScope scope;
  scope.ports.inputs = {port("data", PortType::uri_file, false),
                        port("rate", PortType::number, false)};
  scope.ports.outputs = {port("model", PortType::mlflow_model, false)};
  Findings findings;

  check_command(Report(file, findings), *file.root->find("command"), scope);

  EXPECT_EQ(findings.count(), 0);
}

TEST(Command, IsBetterOneLine) {
  EXPECT_THAT(check("  train\n" + rest(), "|"),
              ElementsAre(HasSubstr("x.yml:1:10: warning: the command has more than one line")));
}

TEST(Command, GoesOnWithTheNextLineWithoutABackslash) {
  for (const char* const style : {">-", "|", ">"})
    EXPECT_THAT(check("  train \\\n" + rest(), style),
                testing::Contains(HasSubstr("x.yml:2:9: error: Azure ML knows no '\\'")))
        << style;
  EXPECT_THAT(check("  train \\\r\n" + rest()),
              ElementsAre(HasSubstr("x.yml:2:9: error: Azure ML knows no '\\'")));
  EXPECT_THAT(check("  train --name a\\ b C:\\\\ ü\\ ü\n" + rest()), IsEmpty());
  EXPECT_THAT(check("  ${{inputs.data}} ${{inputs.rate}} ${{outputs.model}} $[[${{inputs.seed}}]] "
                    "\\\n"),
              ElementsAre(HasSubstr("x.yml:2:78: error: Azure ML knows no '\\'")));
}

TEST(Command, IsEmptyWithoutAVisibleCharacter) {
  EXPECT_THAT(check("", "\"\""), ElementsAre("x.yml:1:10: error: the command is empty"));
  EXPECT_THAT(check("", "\"  \""), ElementsAre("x.yml:1:10: error: the command is empty"));
}

TEST(Command, UsesEveryPort) {
  EXPECT_THAT(check("  train ${{inputs.data}} $[[${{inputs.seed}}]] ${{outputs.model}}\n"),
              ElementsAre(HasSubstr("x.yml:1:1: warning: the input 'rate' is not used")));
  EXPECT_THAT(check("  train ${{inputs.data}} ${{inputs.rate}} $[[${{inputs.seed}}]]\n"),
              ElementsAre(HasSubstr("x.yml:1:1: warning: the output 'model' is not used")));
  // A misspelt binding may be the use: one mistake, one finding.
  EXPECT_THAT(check("  train ${{inputs.data}} ${{inputs.rat}} $[[${{inputs.seed}}]] "
                    "${{outputs.model}}\n"),
              ElementsAre(HasSubstr("did you mean 'rate'?")));
}

}  // namespace
}  // namespace gradstep::pipeline
