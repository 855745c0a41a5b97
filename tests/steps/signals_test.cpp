#include "steps/signals.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "steps/csv/temporary_file.hpp"
#include "steps/exit_code.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep {
namespace {

// Reads a page of a mapped file that has lost it, as a failing disk would have it.
void read_lost_page() {
  const Descriptor file = csv::open_temporary_file();
  constexpr std::size_t bytes = 4'096;
  ASSERT_EQ(::ftruncate(file.get(), bytes), 0);
  void* const mapped = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file.get(), 0);
  ASSERT_NE(mapped, MAP_FAILED);
  ASSERT_EQ(::ftruncate(file.get(), 0), 0);
  (void)*static_cast<const volatile char*>(mapped);
}

TEST(LostPageHandler, SaysWhatItWasToldAndEndsAsAnIoError) {
  const auto lose = [] {
    install_lost_page_handler("the disk is full");
    read_lost_page();
  };

  EXPECT_EXIT(lose(), testing::ExitedWithCode(static_cast<int>(ExitCode::io)),
              "^the disk is full\n$");
}

TEST(LostPageHandler, RemovesTheFilesThatASignalWould) {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path() / "half_written";
  const auto lose = [&path] {
    install_lost_page_handler("");
    if (remove_file_on_signal(path.c_str()) < 0) return;
    std::ofstream(path) << "half";
    read_lost_page();
  };

  EXPECT_EXIT(lose(), testing::ExitedWithCode(static_cast<int>(ExitCode::io)), "");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(LostPageHandler, LeavesOtherSignalsOfThatNumberAlone) {
  const auto kill_itself = [] {
    install_lost_page_handler("the disk is full");
    (void)std::raise(SIGBUS);
  };

  EXPECT_EXIT(kill_itself(), testing::KilledBySignal(SIGBUS), "^$");
}

}  // namespace
}  // namespace gradstep
