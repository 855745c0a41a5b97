// What a command comes to is not compared with expected scripts: shells run them, and the words
// that a program gets are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "steps/error.hpp"
#include "steps/pipeline/command_template.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep::pipeline {
namespace {

using testing::ElementsAre;

using Values = std::map<std::string, std::string>;

/// What `shell` prints when it runs the filled command in `folder`.
std::string printed_by(const std::string& shell, const std::string& command, const Values& values,
                       const std::filesystem::path& folder) {
  const ShellCommand filled = fill_command(parse_command(command), values);
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return "no pipe";
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    for (const auto& [name, value] : filled.variables) ::setenv(name.c_str(), value.c_str(), 1);
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    ::execlp(shell.c_str(), shell.c_str(), "-c", filled.script.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> block{};
  for (ssize_t count = 0; (count = ::read(ends[0], block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(count));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0
             ? text
             : text + " <exit code " + std::to_string(WEXITSTATUS(status)) + '>';
}

/// Prints its words, each in brackets: what a program would get.
constexpr const char* show = "show() { printf '<%s>' \"$@\"; }; show ";

std::vector<std::string> hostile_values() {
  return {
      "",
      "plain",
      "two  words",
      " at the ends ",
      "it's",
      "say \"hi\"",
      "'",
      "\"",
      "\\",
      "ends in \\",
      "$(touch x)",
      "`touch x`",
      "$HOME ${HOME} $1",
      "; touch x",
      "& touch x &",
      "| touch x",
      "> x",
      "line\nfeed",
      "\n",
      "-n",
      "--flag=a b",
      "*",
      "?[a-z]",
      "~",
      "~root",
      "{a,b}",
      "# no comment",
      "!!",
      "\"; touch x; \"",
      "'; touch x; '",
      "\"$(touch x)\"",
      "'$(touch x)'",
      "}touch x",
      "a\tb",
      "\xC3\xA9",
  };
}

using Shell = std::string;
class FillCommand : public testing::TestWithParam<Shell> {
 protected:
  [[nodiscard]] std::string printed(const std::string& command, const Values& values) const {
    return printed_by(GetParam(), command, values, folder_.path());
  }
  /// The one word that `place` with the value in it makes, for each hostile value; nothing is run.
  void expect_one_word(const std::string& place, const std::string& before = "",
                       const std::string& after = "") const {
    put(folder_.path() / "a", "");  // for what a pattern could find
    for (const std::string& value : hostile_values()) {
      std::string word = "<";
      word.append(before).append(value).append(after).append(">");
      EXPECT_EQ(printed(show + place, {{"inputs.v", value}}), word) << "value: " << value;
      EXPECT_THAT(left(), ElementsAre("a")) << "value: " << value;
    }
  }
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      names.push_back(entry.path().filename());
    return names;
  }

 private:
  TemporaryFolder folder_;
};
INSTANTIATE_TEST_SUITE_P(by, FillCommand, testing::Values("bash", "dash"),
                         [](const auto& instance) { return instance.param; });

TEST_P(FillCommand, MakesOneWordOutsideQuotes) { expect_one_word("${{inputs.v}}"); }
TEST_P(FillCommand, MakesOneWordInDoubleQuotes) { expect_one_word("\"${{inputs.v}}\""); }
TEST_P(FillCommand, MakesOneWordInSingleQuotes) { expect_one_word("'${{inputs.v}}'"); }

TEST_P(FillCommand, LeavesWhatStandsAroundTheValueInTheSameWord) {
  expect_one_word("--v=${{inputs.v}}/b", "--v=", "/b");
  expect_one_word("\"a b ${{inputs.v}} c\"", "a b ", " c");
  expect_one_word("'a $b ${{inputs.v}} \"c'", "a $b ", " \"c");
  expect_one_word("a'b'${{inputs.v}}\"c\"", "ab", "c");
}

TEST_P(FillCommand, KnowsTheQuotesWithinSubstitutions) {
  // The last character keeps the line feeds that a substitution would drop.
  expect_one_word("\"$(printf '%s.' ${{inputs.v}})\"", "", ".");
  expect_one_word("\"$(printf '%s.' \"${{inputs.v}}\")\"", "", ".");
  expect_one_word("\"$(printf '%s.' '${{inputs.v}}')\"", "", ".");
  expect_one_word("\"$(printf '%s.' \"$(printf '%s.' ${{inputs.v}})\")\"", "", "..");
  expect_one_word("\"$( (printf '%s.' ${{inputs.v}}) )\"", "", ".");
}

TEST_P(FillCommand, IsNotMisledByEscapedQuotesAndComments) {
  expect_one_word(R"(\"${{inputs.v}}\")", "\"", "\"");
  expect_one_word(R"(\'${{inputs.v}}\')", "'", "'");
  expect_one_word(R"("\"${{inputs.v}}")", "\"");
  expect_one_word("a#b'${{inputs.v}}'", "a#b");
  EXPECT_EQ(printed(std::string(show) + "a # it's ${{inputs.v}}\nshow \"b ${{inputs.v}}\"",
                    {{"inputs.v", "1\ntouch x"}}),
            "<a><b 1\ntouch x>");
  EXPECT_THAT(left(), ElementsAre("a"));
}

TEST_P(FillCommand, TakesABackslashBeforeAValueAsPartOfNothing) {
  expect_one_word(R"(\${{inputs.v}})");
  expect_one_word(R"("\${{inputs.v}}")", "\\");
}

TEST_P(FillCommand, KnowsBackticks) {
  EXPECT_EQ(printed(std::string(show) + "`printf '%s' ${{inputs.v}}`b", {{"inputs.v", "a;x"}}),
            "<a;xb>");
  EXPECT_EQ(
      printed(std::string(show) + "\"`printf '%s' ${{inputs.v}}` c\"", {{"inputs.v", "a  b"}}),
      "<a  b c>");
}

TEST_P(FillCommand, LeavesOutOptionalPartsWithoutAValue) {
  const std::string command =
      std::string(show) + "a $[[--b ${{inputs.b}}]] $[[--c ${{inputs.c}} ${{inputs.d}}]] e";

  EXPECT_EQ(printed(command, {}), "<a><e>");
  EXPECT_EQ(printed(command, {{"inputs.b", ""}}), "<a><--b><><e>");
  EXPECT_EQ(printed(command, {{"inputs.c", "1"}}), "<a><e>");
  EXPECT_EQ(printed(command, {{"inputs.c", "1"}, {"inputs.d", "2 3"}}), "<a><--c><1><2 3><e>");
}

TEST_P(FillCommand, TakesTheSameValueTwiceAndManyDifferentOnes) {
  EXPECT_EQ(
      printed(std::string(show) + "${{inputs.a}} ${{outputs.a}} ${{inputs.a}} ${{inputs.a.b}} "
                                  "${{inputs.a_b}}",
              {{"inputs.a", "1"}, {"outputs.a", "2"}, {"inputs.a.b", "3"}, {"inputs.a_b", "4"}}),
      "<1><2><1><3><4>");
}

TEST(FillCommandInBash, KnowsDollarQuotes) {
  const TemporaryFolder folder;
  EXPECT_EQ(printed_by("bash", std::string(show) + R"($'a\'b ${{inputs.v}}\tc')",
                       {{"inputs.v", R"(\n')"}}, folder.path()),
            "<a'b \\n'\tc>");
}

TEST(FillCommandRefusals, NameTheBinding) {
  const auto message = [](const std::string& command, const Values& values) -> std::string {
    try {
      (void)fill_command(parse_command(command), values);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };

  EXPECT_THAT(message("a ${{inputs.v}}", {}), testing::HasSubstr("${{inputs.v}}"));
  EXPECT_THAT(message("a ${{inputs.v}}", {{"inputs.v", std::string("a\0b", 3)}}),
              testing::HasSubstr("zero byte"));
  EXPECT_EQ(message("echo $((1 + 1)) $(echo (a) ${{inputs.v}})", {{"inputs.v", "1"}}), "");
}

}  // namespace
}  // namespace gradstep::pipeline
