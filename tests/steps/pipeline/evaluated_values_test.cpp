// Where a shell, or the program that it starts, runs what a value says, no value but a plain number
// may stand; where it does not, every value may.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>

#include "steps/error.hpp"
#include "steps/pipeline/command_template.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep::pipeline {
namespace {

std::map<std::string, std::string> both(const std::string& value) {
  return {{"inputs.v", value}, {"inputs.w", value}};
}

std::string message(const std::string& command, const std::string& value) {
  try {
    (void)fill_command(parse_command(command), both(value));
    return "";
  } catch (const DataError& error) {
    return error.what();
  }
}

class EvaluatedPlace : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(
    in, EvaluatedPlace,
    testing::Values(
        "echo $((1 + ${{inputs.v}}))", "echo \"$((${{inputs.v}}))\"", "((x = ${{inputs.v}}))",
        "echo $(( (1) * (${{inputs.v}}) ))", "echo $(( $(echo ${{inputs.v}}) ))",
        "for ((i = 0; i < ${{inputs.v}}; i++)); do :; done", "echo $[ ${{inputs.v}} + 1 ]",
        "echo \"$[ ${{inputs.v}} ]\"", "[[ ${{inputs.v}} -gt 3 ]]", "[[ 3 -gt \"${{inputs.v}}\" ]]",
        "[[ a == a && ${{inputs.v}} -gt 3 ]]", "[[ -v ${{inputs.v}} ]]",
        "if [[ '${{inputs.v}}' -eq 1 ]]; then :; fi", "[[ $(echo ${{inputs.v}}) -gt 3 ]]",
        "let y=${{inputs.v}}", "let \"y = ${{inputs.v}}\"", "declare -i y=${{inputs.v}}",
        "declare -i y; y=${{inputs.v}}", "typeset -i y; y=${{inputs.v}}",
        "echo ${a[${{inputs.v}}]}", "s=abc; echo ${s:${{inputs.v}}:1}",
        "s=abc; echo \"${s:${{inputs.v}}}\"", "a[${{inputs.v}}]=1", "a=([${{inputs.v}}]=1)",
        "printf -v ${{inputs.v}} x", "printf ${{inputs.v}} ${{inputs.w}}", "test -v ${{inputs.v}}",
        "[ ${{inputs.v}} ${{inputs.w}} ]", "read ${{inputs.v}} < /dev/null", "unset ${{inputs.v}}",
        "eval ${{inputs.v}}", "eval 'echo ${{inputs.v}}'", "command eval ${{inputs.v}}",
        "builtin -- eval ${{inputs.v}}", "if true; then eval ${{inputs.v}}; fi",
        "eval > log ${{inputs.v}}", "eval &> log ${{inputs.v}}", "X=1 eval ${{inputs.v}}",
        "eval $(echo ${{inputs.v}})", "eval \"`echo ${{inputs.v}}`\"", "trap ${{inputs.v}} EXIT",
        "${{inputs.v}} ${{inputs.w}}", "sh -c 'echo ${{inputs.v}}'",
        "bash -c \"echo ${{inputs.v}}\"", "bash -lc ${{inputs.v}}",
        "env X=1 bash -c \"echo ${{inputs.v}}\"", "nice /bin/sh -c \"echo ${{inputs.v}}\"",
        "python3 -c \"print('${{inputs.v}}')\"", "python -c\"print('${{inputs.v}}')\"",
        "perl -e 'print \"${{inputs.v}}\"'", "awk \"{print ${{inputs.v}}}\" file",
        "sed -e \"s/a/${{inputs.v}}/\" file", "sed \"s/a/${{inputs.v}}/\" file",
        "cat << EOF\n${{inputs.v}}\nEOF", "bash <<< \"echo ${{inputs.v}}\"",
        "x=${{inputs.v}}; echo $((x + 1))", "x=${{inputs.v}}; eval $x",
        "for x in ${{inputs.v}}; do echo $((x)); done", "set -- ${{inputs.v}}; echo $(($1))",
        "f() { echo $(($1)); }; f ${{inputs.v}}", "echo ${{inputs.v}} | { read x; echo $((x)); }",
        "x=${{inputs.v}}; [[ $x -gt 3 ]]", "x=${{inputs.v}}; bash -c \"$x\"",
        "PS4=${{inputs.v}}; set -x; :"));

TEST_P(EvaluatedPlace, RefusesWhatIsNoPlainNumber) {
  for (const char* value : {"a[$(touch x)]", "", "x", "1+1", "1e", "1 2", "-", "0x10", "1;touch x"})
    EXPECT_THAT(message(GetParam(), value), testing::HasSubstr("run what the value says")) << value;
}

TEST_P(EvaluatedPlace, IsToldBeforeAnyValueIsKnown) {
  const CommandTemplate command = parse_command(GetParam());

  const std::vector<RefusedPlace> places = refused_places(command);

  ASSERT_FALSE(places.empty());
  EXPECT_EQ(std::string(GetParam()).substr(places.front().offset, 10), "${{inputs.");
}

TEST_P(EvaluatedPlace, TakesNumbers) {
  for (const char* value : {"1", "-1", "+2", "0.5", "1e-05", "2.5E3"})
    EXPECT_EQ(message(GetParam(), value), "") << value;
}

class HarmlessPlace : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(
    in, HarmlessPlace,
    testing::Values(
        "cat ${{inputs.v}}", "echo $((1 + 1)) $(echo (a) ${{inputs.v}})",
        "[ ${{inputs.v}} = a ] || [ -f ${{inputs.v}} ]", "test ! ${{inputs.v}} = ${{inputs.w}}",
        "[[ ${{inputs.v}} == a ]]", "[[ -f ${{inputs.v}} && '${{inputs.v}}' != \"b\" ]]",
        "[[ a = ${{inputs.v}} ]]", "printf '%s' ${{inputs.v}} > ${{inputs.w}}",
        "export X=${{inputs.v}} && true \"$X\"", "x=${{inputs.v}}; printf '%s' \"$x\"",
        "bash run.sh -a ${{inputs.v}}", "bash -c 'printf %s \"$1\"' x ${{inputs.v}}",
        "python train.py --c ${{inputs.v}}", "awk -v x=${{inputs.v}} 'BEGIN {print x}'",
        "sed -n 1p ${{inputs.v}}", "true > log 2>&1 ${{inputs.v}}",
        "for x in a b; do true ${{inputs.v}}; done", "a=(${{inputs.v}} b); true \"${a[@]}\"",
        "case ${{inputs.v}} in a) true ${{inputs.v}};; *) true;; esac; true ${{inputs.v}}",
        "true ${HOME/ #/_} ${{inputs.v}}", "cat <<< ${{inputs.v}}",
        "true # it's $(( \n true ${{inputs.v}}"));

TEST_P(HarmlessPlace, TakesEveryValueAndRunsNone) {
  const TemporaryFolder folder;
  for (const char* value : {"a[$(touch x)]", "$(touch x)", "`touch x`", "; touch x", "-v"}) {
    ASSERT_EQ(message(GetParam(), value), "");
    const ShellCommand filled = fill_command(parse_command(GetParam()), both(value));
    const pid_t pid = ::fork();
    if (pid == 0) {
      for (const auto& [name, text] : filled.variables) ::setenv(name.c_str(), text.c_str(), 1);
      if (::chdir(folder.path().c_str()) != 0) ::_exit(126);
      if (::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(126);
      if (::freopen("/dev/null", "w", stderr) == nullptr) ::_exit(126);
      ::execlp("bash", "bash", "-c", filled.script.c_str(), nullptr);
      ::_exit(127);
    }
    ::waitpid(pid, nullptr, 0);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "x")) << value;
  }
}

TEST(NumbersInEvaluatedPlaces, StandThereThemselves) {
  EXPECT_EQ(fill_command(parse_command("echo $((1 + ${{inputs.v}}))"), both("2")).script,
            "echo $((1 + 2))");
  EXPECT_EQ(fill_command(parse_command("awk '{print ${{inputs.v}}}'"), both("2")).script,
            "awk '{print 2}'");
}

TEST(Substitutions, KeepAValueInOneWordBehindCase) {
  const std::string command = "echo \"$(case a in a) printf '[%s]' ${{inputs.v}};; esac)\"";

  const ShellCommand filled = fill_command(parse_command(command), both("a b"));

  EXPECT_EQ(filled.script, "echo \"$(case a in a) printf '[%s]' \"${GRADSTEP_INPUT_v}\";; esac)\"");
}

}  // namespace
}  // namespace gradstep::pipeline
