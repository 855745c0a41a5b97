#include "steps/exit_code.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <new>
#include <string>
#include <system_error>

#include "steps/error.hpp"

namespace gradstep {
namespace {

template <class Exception>
ExitCode code_of(const Exception& exception) {
  try {
    throw exception;
  } catch (...) {
    return exit_code_of_current_exception();
  }
}

template <class Exception>
std::string message_of(const Exception& exception) {
  try {
    throw exception;
  } catch (...) {
    return message_of_current_exception();
  }
}

TEST(ExitCode, TellsWhoCanAct) {
  EXPECT_EQ(code_of(UsageError("")), ExitCode::usage);
  EXPECT_EQ(code_of(DataError("")), ExitCode::data);
  EXPECT_EQ(code_of(BackendUnavailable("")), ExitCode::unavailable);
  EXPECT_EQ(code_of(InvalidArgument("")), ExitCode::internal);
  EXPECT_EQ(code_of(std::bad_alloc()), ExitCode::internal);
  EXPECT_EQ(code_of(IoError("read", "x", ENOENT)), ExitCode::io);
  EXPECT_EQ(code_of(StepFailed("")), ExitCode::step);
  EXPECT_EQ(code_of(std::filesystem::filesystem_error(
                "", std::make_error_code(std::errc::permission_denied))),
            ExitCode::io);
}

TEST(ExitCode, HasTheNumbersThatScriptsKnow) {
  EXPECT_EQ(static_cast<int>(ExitCode::success), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::usage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::data), 3);
  EXPECT_EQ(static_cast<int>(ExitCode::unavailable), 4);
  EXPECT_EQ(static_cast<int>(ExitCode::internal), 5);
  EXPECT_EQ(static_cast<int>(ExitCode::io), 6);
  EXPECT_EQ(static_cast<int>(ExitCode::step), 8);
}

TEST(ExitCode, SaysInWordsThatMemoryRanOut) {
  EXPECT_THAT(message_of(std::bad_alloc()), testing::HasSubstr("out of memory"));
  EXPECT_EQ(message_of(DataError("line 3")), "line 3");
  EXPECT_EQ(message_of(IoError("read", "/a/b", ENOENT)),
            "cannot read '/a/b': No such file or directory");
}

}  // namespace
}  // namespace gradstep
