#include "steps/pipeline/command_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gradstep::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A part as text: "text", "{binding}", with "@group" where it stands in one.
std::vector<std::string> parts_of(const std::string& command) {
  std::vector<std::string> result;
  for (const CommandPart& part : parse_command(command).parts) {
    std::string text = part.is_binding ? '{' + part.text + '}' : part.text;
    if (part.optional_group >= 0) text += '@' + std::to_string(part.optional_group);
    result.push_back(text);
  }
  return result;
}

std::vector<std::string> unclosed_in(const std::string& command) {
  std::vector<std::string> result;
  for (const UnclosedBracket& bracket : parse_command(command).unclosed)
    result.push_back(std::to_string(bracket.offset) + ' ' + bracket.bracket);
  return result;
}

TEST(ParseCommand, TakesTextAndBindingsApart) {
  EXPECT_THAT(parts_of("train --in ${{inputs.data}} --out ${{ outputs.model }} -v"),
              ElementsAre("train --in ", "{inputs.data}", " --out ", "{outputs.model}", " -v"));
  EXPECT_THAT(parts_of("echo $HOME ${x} }} { $[x]"), ElementsAre("echo $HOME ${x} }} { $[x]"));
  EXPECT_THAT(parts_of(""), IsEmpty());
}

TEST(ParseCommand, NumbersOptionalParts) {
  EXPECT_THAT(parts_of("a $[[--b ${{inputs.b}}]] $[[--c ${{inputs.c}} x]]"),
              ElementsAre("a ", "--b @0", "{inputs.b}@0", " ", "--c @1", "{inputs.c}@1", " x@1"));
}

TEST(ParseCommand, SaysWhereThingsStand) {
  const CommandTemplate command = parse_command("a ${{inputs.b}} $[[--c ${{inputs.c}}]]");

  ASSERT_EQ(command.parts.size(), 5U);
  EXPECT_EQ(command.parts[1].offset, 2U);
  EXPECT_EQ(command.parts[3].offset, 19U);  // "--c ", after the bracket at 16
  EXPECT_EQ(command.parts[4].offset, 23U);
  ASSERT_EQ(command.optional_groups.size(), 1U);
  EXPECT_EQ(command.optional_groups[0].offset, 16U);
  EXPECT_EQ(command.optional_groups[0].text, "--c ${{inputs.c}}");
}

TEST(ParseCommand, FindsBracketsWithoutTheirOtherHalf) {
  EXPECT_THAT(unclosed_in("a ${{inputs.b --c ${{inputs.c}}"), ElementsAre("2 ${{"));
  EXPECT_THAT(unclosed_in("a ${{inputs.b} --c"), ElementsAre("2 ${{"));
  EXPECT_THAT(unclosed_in("a $[[--b ${{inputs.b}}"), ElementsAre("2 $[["));
  EXPECT_THAT(unclosed_in("a $[[--b ${{inputs.b}} $[[--c ${{inputs.c}}]]"), ElementsAre("2 $[["));
  EXPECT_THAT(unclosed_in("a --b ${{inputs.b}}]]"), ElementsAre("19 ]]"));
  EXPECT_THAT(unclosed_in("a $[[--b ${{inputs.b]] c"), ElementsAre("9 ${{"));
  EXPECT_THAT(unclosed_in("a $[[--b ${{inputs.b}}]] ${{inputs.c}}"), IsEmpty());
}

TEST(ParseCommand, LeavesTheShellsOwnTestAlone) {
  EXPECT_THAT(unclosed_in("if [[ -f x ]]; then a ${{inputs.b}}; fi"), IsEmpty());
  EXPECT_THAT(parts_of("[[ -f x ]] && a $[[--b ${{inputs.b}}]]"),
              ElementsAre("[[ -f x ]] && a ", "--b @0", "{inputs.b}@0"));
}

}  // namespace
}  // namespace gradstep::pipeline
