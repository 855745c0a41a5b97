#include "steps/log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <thread>

namespace gradstep {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;

TEST(Log, PrintsLinesToStderr) {
  testing::internal::CaptureStderr();

  Log(false).say("reading");
  Log(false).warn("odd row");

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "reading\nwarning: odd row\n");
}

TEST(Log, KeepsWarningsWhenQuiet) {
  testing::internal::CaptureStderr();

  Log(true).say("reading");
  Log(true).warn("odd row");

  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning: odd row\n");
}

/// Makes stderr a terminal; read() gives what was printed there.
class Terminal {
 public:
  Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)), before_(::dup(2)) {
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) return;
    const int slave = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    ::dup2(slave, 2);
    ::close(slave);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal() {
    ::dup2(before_, 2);
    ::close(before_);
    ::close(master_);
  }
  [[nodiscard]] std::string read() const {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(master_, buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(count < 0 ? 0 : count)};
  }

 private:
  int master_;
  int before_;
};

TEST(Progress, DrawsABarOnATerminalAfterASecondAndWipesIt) {
  const Terminal terminal;
  {
    Progress progress(Log(false), "writing", 200);
    progress.show(50);
    EXPECT_EQ(terminal.read(), "");

    std::this_thread::sleep_for(1100ms);
    progress.show(100);
    EXPECT_THAT(terminal.read(),
                AllOf(HasSubstr("writing [####################....................] 50 %")));
  }
  EXPECT_THAT(terminal.read(), EndsWith("\r\033[K"));
}

TEST(Progress, DrawsNoBarWhenQuietOrOffATerminal) {
  testing::internal::CaptureStderr();
  Progress off_a_terminal(Log(false), "writing", 2);
  std::string on_a_terminal;
  {
    const Terminal terminal;
    Progress quiet(Log(true), "writing", 2);
    std::this_thread::sleep_for(1100ms);
    quiet.show(1);
    on_a_terminal = terminal.read();
  }
  off_a_terminal.show(1);

  EXPECT_EQ(on_a_terminal, "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace gradstep
