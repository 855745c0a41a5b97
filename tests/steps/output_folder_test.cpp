#include "steps/output_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "steps/error.hpp"
#include "steps/signals.hpp"
#include "tests/steps/temporary_folder.hpp"

namespace gradstep {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(PartFile, IsSeenUnderItsNameOnlyWhenCommitted) {
  const TemporaryFolder folder;
  PartFile file(folder.path() / "a.csv");
  file.write("one\n");
  file.write("two\n");
  EXPECT_THAT(names_in(folder.path()), ElementsAre(".a.csv.part-" + std::to_string(::getpid())));

  file.commit();

  EXPECT_THAT(names_in(folder.path()), ElementsAre("a.csv"));
  EXPECT_EQ(text_of(folder.path() / "a.csv"), "one\ntwo\n");
}

TEST(PartFile, LeavesTheOlderFileAloneWhenItIsNotCommitted) {
  const TemporaryFolder folder;
  put(folder.path() / "a.csv", "old");

  {
    PartFile(folder.path() / "a.csv").write("new");
  }

  EXPECT_THAT(names_in(folder.path()), ElementsAre("a.csv"));
  EXPECT_EQ(text_of(folder.path() / "a.csv"), "old");
}

TEST(PartFile, ReplacesTheOlderFile) {
  const TemporaryFolder folder;
  put(folder.path() / "a.csv", "old and longer");

  PartFile file(folder.path() / "a.csv");
  file.write("new");
  file.commit();

  EXPECT_EQ(text_of(folder.path() / "a.csv"), "new");
}

TEST(PartFile, TakesTheLongestNameThatAFileMayHave) {
  const TemporaryFolder folder;
  const std::string name(255, 'n');

  PartFile file(folder.path() / name);
  file.commit();

  EXPECT_THAT(names_in(folder.path()), ElementsAre(name));
}

TEST(PartFile, SaysWhyItCannotWrite) {
  const TemporaryFolder folder;
  fs::create_directory(folder.path() / "a.csv");

  PartFile onto_a_folder(folder.path() / "a.csv");
  EXPECT_THROW(onto_a_folder.commit(), IoError);
  EXPECT_THROW(PartFile(folder.path() / "missing" / "a.csv"), IoError);
}

TEST(PartFile, ReportsAFullDisk) {
  const TemporaryFolder folder;
  fs::create_symlink("/dev/full", folder.path() / (".a.part-" + std::to_string(::getpid())));

  PartFile file(folder.path() / "a");

  EXPECT_THROW(file.write("x"), IoError);
}

TEST(PartFile, IsRemovedByASignal) {
  const TemporaryFolder folder;
  const auto write_and_be_ended = [&folder](int signal) {
    (void)::signal(SIGINT, SIG_DFL);  // a background job may have inherited SIG_IGN
    install_signal_handlers();
    PartFile file(folder.path() / "a.csv");
    PartFile other(folder.path() / "b.csv");
    file.write("half");
    ::raise(signal);
    ::_exit(0);
  };

  EXPECT_EXIT(write_and_be_ended(SIGTERM), testing::ExitedWithCode(128 + SIGTERM), "");
  EXPECT_EXIT(write_and_be_ended(SIGINT), testing::ExitedWithCode(128 + SIGINT), "");

  EXPECT_THAT(names_in(folder.path()), IsEmpty());
}

TEST(Signals, LeaveCommittedFilesAlone) {
  const TemporaryFolder folder;
  const auto commit_and_be_ended = [&folder] {
    install_signal_handlers();
    PartFile file(folder.path() / "a.csv");
    file.commit();
    ::raise(SIGTERM);
  };

  EXPECT_EXIT(commit_and_be_ended(), testing::ExitedWithCode(128 + SIGTERM), "");

  EXPECT_THAT(names_in(folder.path()), ElementsAre("a.csv"));
}

TEST(Signals, HoldNoMoreFilesThanTheyHavePlaceFor) {
  std::vector<int> slots;
  while (slots.empty() || slots.back() >= 0) slots.push_back(remove_file_on_signal("/nowhere/x"));

  EXPECT_GT(slots.size(), 8U);
  for (const int slot : slots) forget_file(slot);
  const int again = remove_file_on_signal("/nowhere/x");
  EXPECT_GE(again, 0);
  forget_file(again);
}

TEST(OutputFolder, IsMadeWithItsParents) {
  const TemporaryFolder base;
  const fs::path path = base.path() / "a" / "b";

  const OutputFolder folder(path, "done.json");
  folder.write("plots/roc.txt", "curve");
  folder.finish("{}");

  EXPECT_THAT(names_in(path), ElementsAre("done.json", "plots"));
  EXPECT_EQ(text_of(path / "plots" / "roc.txt"), "curve");
}

TEST(OutputFolder, LosesAnOlderMarkerFirstAndKeepsWhatIsNotOurs) {
  const TemporaryFolder base;
  put(base.path() / "done.json", "old");
  put(base.path() / "notes.txt", "mine");

  const OutputFolder folder(base.path(), "done.json");

  EXPECT_THAT(names_in(base.path()), ElementsAre("notes.txt"));
}

TEST(OutputFolder, CannotBeAFile) {
  const TemporaryFolder base;
  put(base.path() / "file", "");

  EXPECT_THROW(OutputFolder(base.path() / "file", "done.json"), IoError);
  EXPECT_THROW(OutputFolder(base.path() / "file" / "below", "done.json"), IoError);
}

}  // namespace
}  // namespace gradstep
