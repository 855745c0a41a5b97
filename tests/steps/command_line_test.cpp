#include "steps/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "steps/error.hpp"

namespace gradstep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A program with a flag of every kind, run on arguments.
class CommandLine : public testing::Test {
 protected:
  CommandLine() {
    add_text(app_, "--input_data", "FILE", input_data, "What to read");
    add_names(app_, "--columns", columns, "Columns");
    add_boolean(app_, "--dropna", dropna, "Drop");
    add_integer(app_, "--max_iterations", iterations, 1, 1000000, "Iterations");
    add_real(app_, "--reg_rate", reg_rate, 0, infinity, "Rate");
    add_real(app_, "--test_size", test_size, 0, 1, "Share");
    add_pairs(app_, "--set", "NAME=VALUE", pairs, "Pairs");
    add_common(app_, common, "program --input_data x.csv");
  }

  /// The exit code; what was printed goes to `out` and `err`.
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "program");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run_program(app_, static_cast<int>(argv.size()), argv.data(), body);
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    return code;
  }

  std::string input_data;
  std::vector<std::string> columns = {"a", "b"};
  bool dropna = true;
  std::int64_t iterations = 100;
  double reg_rate = 0.01;
  double test_size = 0.3;
  std::vector<std::pair<std::string, std::string>> pairs;
  CommonOptions common;
  std::function<void()> body = [] {};
  std::string out;
  std::string err;

 private:
  CLI::App app_{"A program", "program"};
};

TEST_F(CommandLine, KeepsTheDefaultsWhenNothingIsGiven) {
  EXPECT_EQ(run({}), 0);

  EXPECT_THAT(columns, ElementsAre("a", "b"));
  EXPECT_TRUE(dropna);
  EXPECT_EQ(iterations, 100);
  EXPECT_EQ(reg_rate, 0.01);
  EXPECT_EQ(common.device, Device::automatic);
  EXPECT_EQ(common.threads, 0);
  EXPECT_FALSE(common.quiet);
}

TEST_F(CommandLine, TakesHyphensForUnderscoresInNamesAndNotInValues) {
  EXPECT_EQ(run({"--input-data", "--a-b", "--max-iterations=7"}), 0);

  EXPECT_EQ(input_data, "--a-b");
  EXPECT_EQ(iterations, 7);
}

TEST_F(CommandLine, TakesEmptyValues) {
  EXPECT_EQ(run({"--columns", "", "--quiet"}), 0);
  EXPECT_THAT(columns, IsEmpty());

  columns = {"a"};
  EXPECT_EQ(run({"--columns=", "--quiet"}), 0);
  EXPECT_THAT(columns, IsEmpty());
}

TEST_F(CommandLine, TakesValuesThatLookLikeSomethingElse) {
  EXPECT_EQ(run({"--input_data", "-"}), 0);
  EXPECT_EQ(input_data, "-");

  EXPECT_EQ(run({"--input_data=a=b"}), 0);
  EXPECT_EQ(input_data, "a=b");

  EXPECT_EQ(run({"--input_data", "[a,b]"}), 0);
  EXPECT_EQ(input_data, "[a,b]");

  EXPECT_EQ(run({"--input_data", "-1"}), 0);
  EXPECT_EQ(input_data, "-1");
}

TEST_F(CommandLine, ReadsEverySpellingOfABoolean) {
  for (const std::string text : {"True", "true", "TRUE", "1", "yes", "Yes", "on"}) {
    dropna = false;
    EXPECT_EQ(run({"--dropna", text}), 0) << text;
    EXPECT_TRUE(dropna) << text;
    dropna = false;
    EXPECT_EQ(run({"--dropna=" + text}), 0) << text;
    EXPECT_TRUE(dropna) << text;
  }
  for (const std::string text : {"False", "false", "FALSE", "0", "no", "No", "off"}) {
    dropna = true;
    EXPECT_EQ(run({"--dropna", text}), 0) << text;
    EXPECT_FALSE(dropna) << text;
  }
}

TEST_F(CommandLine, TakesABooleanWithoutValueForTrueWhateverFollows) {
  dropna = false;
  EXPECT_EQ(run({"--dropna", "--quiet", "--input_data", "x"}), 0);

  EXPECT_TRUE(dropna);
  EXPECT_TRUE(common.quiet);
  EXPECT_EQ(input_data, "x");
}

TEST_F(CommandLine, ReadsIntegersAsAzureMlWritesThem) {
  for (const auto& [text, value] :
       {std::pair{"5", 5}, {"5.0", 5}, {"1e3", 1000}, {"+7", 7}, {"1E+2", 100}}) {
    EXPECT_EQ(run({"--max_iterations", text}), 0) << text << err;
    EXPECT_EQ(iterations, value) << text;
  }
}

TEST_F(CommandLine, ReadsRealNumbers) {
  for (const auto& [text, value] :
       {std::pair{"1e-05", 1e-5}, {"0.1", 0.1}, {"+2", 2.0}, {"5", 5.0}, {".5", 0.5}}) {
    EXPECT_EQ(run({"--reg_rate", text}), 0) << text << err;
    EXPECT_EQ(reg_rate, value) << text;
  }
}

TEST_F(CommandLine, ReadsSizesOfMemory) {
  for (const auto& [text, bytes] : std::vector<std::pair<std::string, std::int64_t>>{
           {"0", 0}, {"4096", 4096}, {"5.0", 5}, {"2KB", 2048}, {"8 GB", 8LL << 30}}) {
    EXPECT_EQ(run({"--device_memory", text}), 0) << text;
    EXPECT_EQ(common.device_memory, bytes) << text;
  }
  for (const std::string text : {"-5", "lots", "8 apples", "1.5", ""}) {
    EXPECT_EQ(run({"--device_memory", text}), 2) << text;
    EXPECT_THAT(err, HasSubstr("--device_memory: found '" + text + "', expected a size")) << text;
  }
}

TEST_F(CommandLine, SaysWhatItFoundAndWhatIsAllowed) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--max_iterations", "0"},
       "--max_iterations: found '0', expected a whole number from 1 to "},
      {{"--max_iterations", "2.5"}, "--max_iterations: found '2.5', expected a whole number"},
      {{"--max_iterations", "1e300"}, "--max_iterations: found '1e300', expected a whole number"},
      {{"--max_iterations", "nan"}, "--max_iterations: found 'nan', expected a whole number"},
      {{"--max_iterations", ""}, "--max_iterations: found '', expected a whole number"},
      {{"--reg_rate", "0"}, "--reg_rate: found '0', expected a finite number greater than 0"},
      {{"--reg_rate", "inf"}, "--reg_rate: found 'inf', expected a finite number"},
      {{"--reg_rate", "nan"}, "--reg_rate: found 'nan', expected a finite number"},
      {{"--reg_rate", "1x"}, "--reg_rate: found '1x', expected a finite number"},
      {{"--test_size", "1"}, "found '1', expected a finite number greater than 0 and less than 1"},
      {{"--dropna=maybe"}, "--dropna: found 'maybe', expected true or false"},
      {{"--dropna="}, "--dropna: found '', expected true or false"},
      {{"--device", "gpu"}, "--device: found 'gpu', expected one of auto, cuda, cpu"},
      {{"--threads", "-1"}, "--threads: found '-1', expected a whole number from 0"},
      {{"--columns", "a,,b"}, "--columns: found 'a,,b', which holds an empty name"},
      {{"--input_data"}, "--input_data: a value is missing"},
      {{"--input_data", "--quiet"}, "--input_data: a value is missing before --quiet"},
      {{"--inputdata", "x"}, "unknown flag --inputdata"},
      {{"stray"}, "stray"},
  };
  for (const auto& [arguments, message] : cases) {
    EXPECT_EQ(run(arguments), 2) << message;
    EXPECT_THAT(err, AllOf(HasSubstr("program: error: "), HasSubstr(message)));
    EXPECT_THAT(out, IsEmpty());
  }
}

TEST_F(CommandLine, CountsTheLastOfARepeatedFlag) {
  EXPECT_EQ(run({"--threads", "1", "--threads=3"}), 0);

  EXPECT_EQ(common.threads, 3);
}

TEST_F(CommandLine, CollectsPairs) {
  EXPECT_EQ(run({"--set", "a=1", "--set=b=c=d", "--reg_rate=1", "--set", "e="}), 0);
  EXPECT_THAT(pairs, ElementsAre(testing::Pair("a", "1"), testing::Pair("b", "c=d"),
                                 testing::Pair("e", "")));
}

TEST_F(CommandLine, RefusesPairsWithoutAName) {
  EXPECT_EQ(run({"--set", "a"}), 2);
  EXPECT_THAT(err, AllOf(HasSubstr("--set"), HasSubstr("'a'"), HasSubstr("NAME=VALUE")));
  EXPECT_EQ(run({"--set", "=1"}), 2);
}

TEST_F(CommandLine, PrintsHelpWithExampleAndDefaults) {
  bool ran = false;
  body = [&ran] { ran = true; };

  EXPECT_EQ(run({"--help"}), 0);

  EXPECT_FALSE(ran);
  EXPECT_THAT(out, AllOf(HasSubstr("program --input_data x.csv"), HasSubstr("--max_iterations"),
                         HasSubstr("100"), HasSubstr("a,b"), HasSubstr("auto|cuda|cpu")));
}

TEST_F(CommandLine, PrintsVersionCommitAndBackend) {
  EXPECT_EQ(run({"--version"}), 0);

  EXPECT_THAT(out,
              testing::MatchesRegex("program [0-9.]+\ncommit: [0-9a-z-]+\ncuda: .*\ncpu: .*\n"));
}

TEST_F(CommandLine, TurnsExceptionsIntoExitCodesAndOneLine) {
  const std::vector<std::pair<std::function<void()>, int>> cases = {
      {[] { throw UsageError("flag"); }, 2},
      {[] { throw DataError("cell"); }, 3},
      {[] { throw BackendUnavailable("gpu"); }, 4},
      {[] { throw InvalidArgument("bug"); }, 5},
      {[] { throw std::logic_error("surprise"); }, 5},
      {[] { throw std::bad_alloc(); }, 5},
      {[] { throw 1; }, 5},  // NOLINT(bugprone-std-exception-baseclass)
      {[] { throw IoError("read", "x.csv", ENOENT); }, 6},
  };
  for (const auto& [thrower, code] : cases) {
    body = thrower;
    EXPECT_EQ(run({}), code);
    EXPECT_THAT(err, testing::StartsWith("program: error: "));
  }
  EXPECT_THAT(err, AllOf(HasSubstr("x.csv"), HasSubstr("No such file or directory")));
}

TEST(SplitNames, SplitsAtCommasOnly) {
  EXPECT_THAT(split_names("a,b c, d"), ElementsAre("a", "b c", " d"));
  EXPECT_THAT(split_names("a"), ElementsAre("a"));
  EXPECT_THAT(split_names(""), IsEmpty());
}

TEST(SplitNames, RefusesEmptyNames) {
  EXPECT_THROW((void)split_names("a,,b"), UsageError);
  EXPECT_THROW((void)split_names(",a"), UsageError);
  EXPECT_THROW((void)split_names("a,"), UsageError);
}

}  // namespace
}  // namespace gradstep
